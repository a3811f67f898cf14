"""The paper's own numbers: arXiv 2501.15891, VITON-HD at 512x384.

Tables of garment reconstruction and of try-on, the rows "Any2AnyTryon", as printed there; KID is
x1000 in both.
"""

TRY_OFF = {
    "SSIM": "0.805",
    "MS-SSIM": "0.710",
    "CW-SSIM": "0.453",
    "LPIPS": "0.328",
    "FID": "13.367",
    "CLIP-FID": "3.872",
    "KID": "3.5",
    "DISTS": "0.217",
}
PAIRED = {"SSIM": "0.8387", "LPIPS": "0.0877", "FID": "6.934", "KID": "0.7387"}
UNPAIRED = {"FID": "8.965", "KID": "0.981"}

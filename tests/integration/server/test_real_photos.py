"""Real photos through a real server, against the oracle's picture from the same IMAGEs."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from graphs import Graph, demo_models, node, try_on
from oracle.method import Conditioning, raw, sampled, scaled
from oracle.noise import comfy_noise
from oracle.pictures import as_image, condition_panels, encoded_together
from oracle.schedule import published_sigmas
from photos import Photo
from PIL import Image

from devtools.scores import psnr

pytestmark = [pytest.mark.server, pytest.mark.slow]

WIDTH, HEIGHT, STEPS = 80, 96, 2
SCALE = 0.5
LIKE_THE_ORACLE = 45.0
"""dB"""


@dataclass(frozen=True)
class Case:
    person: Photo
    garment: Photo
    alpha: bool = False
    """Give the photos' transparency on, as a fourth channel."""

    def graph(self, photos, standin: str, seed: int = 0) -> Graph:
        """Return the whole way, from LoadImage to a picture at half the photo's size."""
        person, garment = (["person", 0], ["garment", 0])
        if self.alpha:
            person, garment = (["person_rgba", 0], ["garment_rgba", 0])
        graph = demo_models() | {
            "person": node("LoadImage", image=photos.put(self.person)),
            "garment": node("LoadImage", image=photos.put(self.garment)),
            "person_rgba": node("JoinImageWithAlpha", image=["person", 0], alpha=["person", 1]),
            "garment_rgba": node("JoinImageWithAlpha", image=["garment", 0], alpha=["garment", 1]),
            "unet": node("UNETLoader", unet_name=standin, weight_dtype="default"),
            "vae": node("VAELoader", vae_name="taef1"),
            "save_person": node("SaveImage", images=person, filename_prefix="person"),
            "save_garment": node("SaveImage", images=garment, filename_prefix="garment"),
            "scale": node(
                "ImageScaleBy", image=["restore", 0], upscale_method="lanczos", scale_by=SCALE
            ),
            "save_scaled": node("SaveImage", images=["scale", 0], filename_prefix="scaled"),
        }
        return graph | try_on(
            ["unet", 0],
            ["vae", 0],
            WIDTH,
            HEIGHT,
            seed,
            STEPS,
            person=person,
            garment=garment,
        )


CASES = {
    "portraits": Case(
        Photo("person/person2.jpg", 576, 768), Photo("garment/garment2.jpg", 400, 600)
    ),
    "landscapes": Case(
        Photo("person/person2.jpg", 640, 360), Photo("garment/garment1.jpg", 500, 300)
    ),
    "four channels": Case(
        Photo("person/person1.png", 540, 720, "RGBA"),
        Photo("garment/garment3.jpg", 300, 300, "RGBA"),
        alpha=True,
    ),
    "gray": Case(
        Photo("person/person2.jpg", 300, 400, "L"), Photo("garment/garment3.jpg", 256, 256, "L")
    ),
    "3:1 panoramas": Case(
        Photo("person/person2.jpg", 900, 300), Photo("garment/garment1.jpg", 600, 200)
    ),
    "64 px thumbnails": Case(
        Photo("person/person3.png", 64, 64), Photo("garment/garment3.jpg", 64, 64)
    ),
    "4000 px": Case(
        Photo("person/person2.jpg", 3000, 4000), Photo("garment/garment1.jpg", 4000, 3000)
    ),
}


def pictures(client, graph: Graph) -> dict[str, Image.Image]:
    """Run the graph; return each saved picture by its node's name."""
    return {
        name: Image.open(io.BytesIO(client.picture(output["images"][0])))
        for name, output in client.run(graph).items()
        if name.startswith("save")
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_saved_picture_is_the_oracles(case, client, photos, standin, transformer, taef1, words):
    got = pictures(client, case.graph(photos, standin))

    size = (case.person.width, case.person.height)
    assert got["save"].size == size
    assert got["save_scaled"].size == tuple(round(side * SCALE) for side in size)

    expected = oracle_picture(
        transformer, taef1, words, on_white(got["save_person"]), on_white(got["save_garment"])
    )
    assert psnr(np.asarray(got["save"]), np.asarray(expected)) >= LIKE_THE_ORACLE


def test_a_seed_gives_its_picture_again(client, photos, standin):
    case = CASES["64 px thumbnails"]
    first, other, again = (
        np.asarray(pictures(client, case.graph(photos, standin, seed))["save"])
        for seed in (1, 2, 1)  # the other seed between them empties the server's cache
    )
    assert (first == again).all()
    assert psnr(first, other) < LIKE_THE_ORACLE


def test_another_garment_gives_another_picture(client, photos, standin):
    """So that the comparison with the oracle can fail."""
    case = CASES["64 px thumbnails"]
    other = Case(case.person, Photo("garment/garment1.jpg", 64, 64))
    first, second = (
        np.asarray(pictures(client, one.graph(photos, standin))["save"]) for one in (case, other)
    )
    assert psnr(first, second) < LIKE_THE_ORACLE - 10


@pytest.fixture(scope="module")
def words(run) -> tuple[torch.Tensor, torch.Tensor]:
    """The demo's text embeddings [1,T,4096] and pooled vector [1,768] for the graphs' prompt."""
    _, clip, _ = run("LoadAny2AnyDemo")
    tokens = clip.tokenize(demo_models()["text"]["inputs"]["text"])
    with torch.inference_mode():
        return clip.encode_from_tokens(tokens, return_pooled=True)


def on_white(picture: Image.Image) -> Image.Image:
    """Return a saved IMAGE as RGB, what is transparent on white."""
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def oracle_picture(transformer, vae, words, person: Image.Image, garment: Image.Image):
    """Return the reference's picture at the person's own size."""
    images = [as_image([person]), as_image([garment])]
    panels = condition_panels(images[0], images[1:], WIDTH, HEIGHT)
    with torch.inference_mode():
        latents = [scaled(one) for one in encoded_together(panels, vae.encode)]
        text, pooled = words
        conditioning = Conditioning(text, pooled, person=latents[0], garments=latents[1:])
        start = comfy_noise((1, 16, HEIGHT // 8, WIDTH // 8), seed=0)
        sigmas = published_sigmas(STEPS, conditioning.image_seq_len(start))
        decoded = vae.decode(raw(sampled(transformer, start, sigmas, conditioning)))
    picture = Image.fromarray((decoded[0] * 255).round().clamp(0, 255).byte().numpy())
    return picture.crop(frame(person)).resize(person.size)


def frame(person: Image.Image) -> tuple[int, int, int, int]:
    """Return where the person lies on the padded target: left, top, right, bottom."""
    ratio = person.width / person.height
    if ratio > WIDTH / HEIGHT:
        width, height = WIDTH, int(WIDTH / ratio)
    else:
        width, height = int(HEIGHT * ratio), HEIGHT
    left, top = (WIDTH - width) // 2, (HEIGHT - height) // 2
    return left, top, left + width, top + height

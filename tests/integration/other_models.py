"""MODELs that are not FLUX.1-dev, small and random."""

from __future__ import annotations

import torch
from small_flux import model_patcher, random_transformer

from devtools.bfl import bfl_weights


def patcher(supported):
    """Return a MODEL of random weights for a comfy.supported_models config."""
    import comfy.model_patcher

    cpu = torch.device("cpu")
    supported.set_inference_dtype(torch.float32, None)
    model = supported.get_model({}, "", device=cpu)
    return comfy.model_patcher.ModelPatcher(model, load_device=cpu, offload_device=cpu)


def stable_diffusion():
    """Return a MODEL with Stable Diffusion 1's kind of UNet."""
    import comfy.supported_models

    config = {
        "image_size": 32, "in_channels": 4, "out_channels": 4, "model_channels": 32,
        "num_res_blocks": [1, 1], "channel_mult": [1, 1], "transformer_depth": [0, 0],
        "transformer_depth_output": [0, 0, 0, 0], "transformer_depth_middle": -1,
        "context_dim": 768, "use_spatial_transformer": True, "adm_in_channels": None,
    }  # fmt: skip
    return patcher(comfy.supported_models.SD15(config))


def flux_2():
    """Return a MODEL of FLUX.2's architecture: four id axes, 128 latent channels."""
    import comfy.supported_models

    config = {
        "image_model": "flux2", "in_channels": 128, "out_channels": 128, "patch_size": 1,
        "vec_in_dim": None, "context_in_dim": 64, "hidden_size": 64, "mlp_ratio": 3.0,
        "num_heads": 1, "depth": 1, "depth_single_blocks": 1, "axes_dim": [16, 16, 16, 16],
        "theta": 2000, "qkv_bias": False, "guidance_embed": True, "global_modulation": True,
        "mlp_silu_act": True, "ops_bias": False, "txt_ids_dims": [3],
    }  # fmt: skip
    from comfy.ldm.flux.model import FluxParams

    if "txt_ids_dims" not in FluxParams.__annotations__:
        del config["txt_ids_dims"]
    return patcher(comfy.supported_models.Flux2(config))


def flux_fill():
    """Return FLUX.1 Fill: masked picture and mask as further input channels."""
    weights = bfl_weights(random_transformer().state_dict())
    weights["img_in.weight"] = torch.nn.functional.pad(weights["img_in.weight"], (0, 320))
    return model_patcher(weights)


def nunchaku_flux():
    """Return a MODEL with nunchaku's wrapper in the transformer's place, as its loader does."""
    transformer = type(
        "NunchakuFluxTransformer2dModel",
        (torch.nn.Module,),
        {"__module__": "nunchaku.models.transformers.transformer_flux"},
    )
    wrapper = type(
        "ComfyFluxWrapper", (torch.nn.Module,), {"__module__": "/custom_nodes/mine.wrappers.flux"}
    )
    model = model_patcher(bfl_weights(random_transformer().state_dict()))
    model.model.diffusion_model = wrapper()
    model.model.diffusion_model.model = transformer()
    return model

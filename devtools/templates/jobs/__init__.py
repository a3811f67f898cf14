"""Every job, in the order in which a newcomer meets them."""

from . import (
    any_size,
    cutout,
    dataset_expansion,
    evaluate_vitonhd,
    layers,
    lookbook,
    model_free,
    outfit,
    paste_back,
    reconstruction,
    tryon,
    tryon_hires,
    tryon_stock_sampler,
    vitonhd,
    worn_reference,
)

JOBS = (
    tryon.JOB,
    model_free.JOB,
    reconstruction.JOB,
    layers.JOB,
    outfit.JOB,
    worn_reference.JOB,
    any_size.JOB,
    paste_back.JOB,
    cutout.JOB,
    lookbook.JOB,
    vitonhd.JOB,
    evaluate_vitonhd.JOB,
    tryon_hires.JOB,
    tryon_stock_sampler.JOB,
    dataset_expansion.JOB,
)

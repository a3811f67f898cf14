"""Every job, in the order in which a newcomer meets them."""

from . import (
    any_size,
    model_free,
    outfit,
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
    worn_reference.JOB,
    outfit.JOB,
    any_size.JOB,
    tryon_hires.JOB,
    tryon_stock_sampler.JOB,
    vitonhd.JOB,
)

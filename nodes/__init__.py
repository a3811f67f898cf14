"""The registry: every node of the pack, in menu order."""

from comfy_api.latest import ComfyExtension, io

from .adaptive_position_pack import AdaptivePositionPack
from .any2any_canvas import Any2AnyCanvas
from .any2any_collect import Any2AnyCollect
from .any2any_condition_reuse import Any2AnyConditionReuse
from .any2any_contact_sheet import Any2AnyContactSheet
from .any2any_layers import Any2AnyLayers
from .any2any_load_pairs import Any2AnyLoadPairs
from .any2any_load_triples import Any2AnyLoadTriples
from .any2any_look import Any2AnyLook
from .any2any_lookbook import Any2AnyLookbook
from .any2any_noise import Any2AnyNoise
from .any2any_on_white import Any2AnyOnWhite
from .any2any_passes import Any2AnyPasses
from .any2any_prompt import Any2AnyPrompt
from .any2any_restore import Any2AnyRestore
from .any2any_sampler import Any2AnySampler
from .any2any_save_result import Any2AnySaveResult
from .any2any_save_triple import Any2AnySaveTriple
from .any2any_scheduler import Any2AnyScheduler
from .any2any_train_lora import Any2AnyTrainLoRA
from .condition_image_encode import ConditionImageEncode
from .load_any2any_demo import LoadAny2AnyDemo
from .load_tryon_lora import LoadTryonLoRA

NODES: list[type[io.ComfyNode]] = [
    LoadTryonLoRA,
    ConditionImageEncode,
    AdaptivePositionPack,
    Any2AnySampler,
    Any2AnyScheduler,
    Any2AnyNoise,
    Any2AnyCanvas,
    Any2AnyPrompt,
    Any2AnyRestore,
    Any2AnyConditionReuse,
    Any2AnyOnWhite,
    Any2AnyLayers,
    Any2AnyLookbook,
    Any2AnyContactSheet,
    Any2AnyLoadPairs,
    Any2AnySaveResult,
    Any2AnyTrainLoRA,
    Any2AnySaveTriple,
    Any2AnyLoadTriples,
    Any2AnyCollect,
    Any2AnyLook,
    Any2AnyPasses,
    LoadAny2AnyDemo,
]


class Any2AnyTryon(ComfyExtension):
    async def get_node_list(self) -> list[type[io.ComfyNode]]:
        return NODES


async def comfy_entrypoint() -> Any2AnyTryon:
    return Any2AnyTryon()

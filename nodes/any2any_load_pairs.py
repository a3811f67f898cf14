"""Any2AnyLoadPairs: the next pairs of a test set that have no result yet."""

from comfy_api.latest import io

from ..any2any_core.digests import digest
from ..any2any_core.images import to_tensor
from ..any2any_core.pair_files import ENDING, pair_files, without_result
from ..any2any_core.pairs import pairs_in
from ._comfy.output import INPUT, OUTPUT, folder_in
from ._comfy.schema import schema
from ._types import CATEGORY


class Any2AnyLoadPairs(io.ComfyNode):
    @classmethod
    def define_schema(cls) -> io.Schema:
        return schema(
            node_id="Any2AnyLoadPairs",
            display_name="Any2Any Load Pairs (test set)",
            category=CATEGORY,
            description=(
                "Takes the next pairs of a test set such as VITON-HD that have no result yet. "
                "Queue it as often as there are pairs, or instantly: stopped, it goes on where it "
                "was, for Any2AnySaveResult saves each under the person's name."
            ),
            inputs=[
                io.String.Input(
                    "pairs_file",
                    default="vitonhd/test_pairs.txt",
                    tooltip=(
                        "The list, in ComfyUI's input folder: a person's and a garment's file "
                        "name on each line."
                    ),
                ),
                io.String.Input(
                    "people_folder",
                    default="vitonhd/test/image",
                    tooltip="The folder of the people, in ComfyUI's input folder.",
                ),
                io.String.Input(
                    "garments_folder",
                    default="vitonhd/test/cloth",
                    tooltip="The folder of the garments, in ComfyUI's input folder.",
                ),
                io.String.Input(
                    "results_folder",
                    default="any2any/vitonhd",
                    tooltip=(
                        "The folder of the results, in ComfyUI's output folder. Take another one "
                        "for another model or setting: what is there counts as done."
                    ),
                ),
                io.Boolean.Input(
                    "own_garments",
                    default=False,
                    tooltip=(
                        "On: everybody in the garment of their own name, which is VITON-HD's "
                        "paired setting. Off: as the list says."
                    ),
                ),
                io.Int.Input(
                    "count",
                    default=1,
                    min=1,
                    max=64,
                    tooltip=(
                        "Pairs in a run. 1 loses nothing when it is cancelled; several are saved "
                        "together at the end of the run."
                    ),
                ),
                io.String.Input(
                    "masks_folder",
                    default="",
                    optional=True,
                    tooltip=(
                        "For repainting: the folder of the masks, in ComfyUI's input folder, "
                        "white where the result may show. Empty: none."
                    ),
                ),
            ],
            outputs=[
                io.Image.Output(
                    display_name="person", is_output_list=True, tooltip="A list of the people."
                ),
                io.Image.Output(
                    display_name="garment", is_output_list=True, tooltip="A list of the garments."
                ),
                io.Mask.Output(
                    display_name="mask",
                    is_output_list=True,
                    tooltip="A list of the masks; of nothing where there is no folder of them.",
                ),
                io.String.Output(
                    display_name="file",
                    is_output_list=True,
                    tooltip="A list of the results' files, for Any2AnySaveResult.",
                ),
                io.String.Output(
                    display_name="report", tooltip="How many are done, and which come now."
                ),
            ],
        )

    @classmethod
    def fingerprint_inputs(cls, results_folder: str, **inputs) -> str | None:
        """The results are inputs too: what is there is not made again."""
        if results_folder is None:
            return None
        return digest(sorted(file.name for file in folder_in(OUTPUT, results_folder).glob("*.*")))

    @classmethod
    def execute(
        cls,
        pairs_file: str,
        people_folder: str,
        garments_folder: str,
        results_folder: str,
        own_garments: bool,
        count: int,
        masks_folder: str = "",
    ) -> io.NodeOutput:
        pairs = pairs_in(folder_in(INPUT, pairs_file), own_garments)
        files = pair_files(
            pairs,
            folder_in(INPUT, people_folder),
            folder_in(INPUT, garments_folder),
            folder_in(INPUT, masks_folder) if masks_folder else None,
        )
        left = {pair.name for pair in without_result(pairs, folder_in(OUTPUT, results_folder))}
        if not left:
            raise ValueError(
                f"All {len(pairs)} pairs have their result in {results_folder}, so there is "
                "nothing left to make: evaluate them, or name another results_folder."
            )
        now = [one for one in files if one.name in left][:count]
        names = ", ".join(one.name for one in now)
        return io.NodeOutput(
            [to_tensor(one.person.opened())[None] for one in now],
            [to_tensor(one.garment.opened())[None] for one in now],
            [one.mask and to_tensor(one.mask.opened())[None, ..., 0] for one in now],
            [f"{results_folder}/{one.name}{ENDING}" for one in now],
            f"{len(pairs) - len(left)} of {len(pairs)} are done; now {names}",
        )

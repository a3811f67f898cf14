"""What makes a pack misbehave in a process that it shares with ComfyUI and a hundred others.

The syntax rules and hazards that comfy-test reports, and ComfyUI's own conventions, as rules over a
file's syntax tree. They are stricter than a report may be: here a hit is a fault.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from source import Finds, Source, calls_method, either, root, says, targets, uses

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

AT_IMPORT = re.compile(
    r"(dataclasses\.(dataclass|field)|re\.compile|pathlib\.Path|comfy_api\.latest\.io\.Custom"
    r"|[.\w]*\b[A-Z]\w*)"  # a value of a class
)
"""What may be called while the pack is imported: it makes values and touches nothing."""

CHANGING = re.compile(
    r"(append|extend|insert|remove|pop|clear|update|setdefault|sort|reverse|add|discard"
    r"|add_patches|add_object_patch|add_wrapper\w*|remove_wrappers\w*|set_model_\w+"
    r"|\w*[a-z0-9]_)"  # torch's in-place operations: add_, clamp_, ...
)
"""Methods that change what they are called on."""


@dataclass(frozen=True)
class Rule:
    """A hazard: why it is one, what finds it, and lines that it must and must not find."""

    why: str
    finds: Finds
    bad: tuple[str, ...]
    good: tuple[str, ...] = ()

    def lines(self, source: Source) -> list[int]:
        return sorted({node.lineno for node in self.finds(source)})


def changed_arguments(source: Source) -> Iterator[ast.AST]:
    """Find a function that changes what it was given; a name that it binds anew is its own."""
    for function in source.nodes:
        if not isinstance(function, FUNCTIONS):
            continue
        given = {
            argument.arg
            for argument in (
                *function.args.posonlyargs,
                *function.args.args,
                *function.args.kwonlyargs,
            )
        } - {"self", "cls"}
        statements = list(ast.walk(function))
        for node in statements:
            if not isinstance(node, ast.AugAssign):
                given -= {part.id for part in targets(node) if isinstance(part, ast.Name)}
        for node in statements:
            written = [part for part in targets(node) if not isinstance(part, ast.Name)]
            if isinstance(node, ast.AugAssign):
                written = [node.target]
            elif isinstance(node, ast.Call):
                written = [word.value for word in node.keywords if word.arg == "out"]
                if isinstance(node.func, ast.Attribute) and CHANGING.fullmatch(node.func.attr):
                    written.append(node.func.value)
            if any(root(part) in given for part in written):
                yield node


def foreign_changes(source: Source) -> Iterator[ast.AST]:
    """Find an assignment to an attribute or item of something imported."""
    for node in source.nodes:
        changed = targets(node)
        if isinstance(node, ast.Call) and source.name(node.func) in ("setattr", "delattr"):
            changed = [ast.Attribute(node.args[0])]
        if any(map(source.comes_from_elsewhere, changed)):
            yield node


def work_at_import(source: Source) -> Iterator[ast.AST]:
    """Find calls and loops that run when the file is imported, other than those of `AT_IMPORT`."""

    def at_import(node: ast.AST) -> Iterator[ast.AST]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (*FUNCTIONS, ast.Lambda)):
                run_now = [*child.args.defaults, *child.args.kw_defaults]
                run_now += getattr(child, "decorator_list", [])
                for part in filter(None, run_now):
                    yield part
                    yield from at_import(part)
            else:
                yield child
                yield from at_import(child)

    for node in at_import(source.tree):
        if isinstance(node, ast.For | ast.While | ast.With):
            yield node
        if isinstance(node, ast.Call) and not AT_IMPORT.fullmatch(source.name(node.func)):
            yield node


def swallowed_errors(source: Source) -> Iterator[ast.AST]:
    """Find an `except` for everything that does not raise again."""
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler):
            kinds = [node.type] if not isinstance(node.type, ast.Tuple) else node.type.elts
            broad = any(
                kind is None or source.name(kind) in ("Exception", "BaseException")
                for kind in kinds
            )
            if broad and not isinstance(node.body[-1], ast.Raise):
                yield node


def uncancellable_loops(source: Source) -> Iterator[ast.AST]:
    """Find a loop without an end, and a progress bar in a function that never asks for cancel."""
    for node in source.nodes:
        if isinstance(node, ast.While) and isinstance(node.test, ast.Constant):
            yield node
        if isinstance(node, FUNCTIONS):
            called = {
                source.name(call.func).split(".")[-1]: call
                for call in ast.walk(node)
                if isinstance(call, ast.Call)
            }
            if "throw_exception_if_processing_interrupted" not in called:
                yield from (called[bar] for bar in ("ProgressBar", "tqdm") if bar in called)


RULES: dict[str, Rule] = {
    "device": Rule(
        "ComfyUI chooses the device: comfy.model_management.get_torch_device()",
        either(uses(r"torch\.cuda(\..*)?"), calls_method("cuda"), says(r"(cuda|mps|xpu)(:\d+)?\Z")),
        bad=(
            "model.cuda()",
            "import torch\ntorch.cuda.synchronize()",
            "from torch import cuda",
            "x.to('cuda:0')",
            "import torch\ndevice = torch.device('mps')",
        ),
        good=("import torch\ntorch.Generator('cpu')", "x.to(image.device)"),
    ),
    "autocast": Rule(
        "layers from comfy.ops cast by themselves; autocast overrides what the user chose",
        either(uses(r"(.*\.)?autocast"), calls_method("autocast")),
        bad=(
            "import torch\nwith torch.autocast(kind): pass",
            "from torch.cuda.amp import autocast",
            "from torch import amp\namp.autocast('cpu')",
        ),
    ),
    "raw-layer": Rule(
        "a layer of torch.nn knows neither offloading nor fp8: take it from comfy.ops",
        uses(
            r"torch\.nn\.(Linear|Conv\w+|LayerNorm|GroupNorm|RMSNorm|Embedding|MultiheadAttention)"
        ),
        bad=(
            "from torch import nn\nnn.Linear(1, 1)",
            "import torch\ntorch.nn.Conv2d(1, 1, 1)",
            "from torch.nn import Embedding",
        ),
        good=("operations.Linear(1, 1)", "from torch import nn\nnn.functional.gelu(x)"),
    ),
    "precision": Rule(
        "ComfyUI chooses the precision: half fails on some CPUs, bfloat16 on some cards",
        either(
            uses(r"torch\.(float16|bfloat16|half|float8\w*)"),
            calls_method("half|bfloat16"),
        ),
        bad=("import torch\nx.to(torch.float16)", "x.half()", "from torch import bfloat16"),
        good=("x.to(y.dtype)", "import torch\nx.to(torch.float32)"),
    ),
    "unmanaged-model": Rule(
        "weights outside ComfyUI's MODEL, CLIP and VAE are out of its memory management's sight",
        either(
            calls_method("load_state_dict|from_pretrained|from_single_file"),
            uses(r"(torch\.(jit|hub)|diffusers|transformers)(\..*)?"),
        ),
        bad=("net.load_state_dict(weights)", "import torch\ntorch.hub.load('x')"),
        good=("model.load_model_weights(weights, '')",),
    ),
    "cache-clear": Rule(
        "freeing memory is ComfyUI's: it stalls the device and misleads its estimates",
        either(
            uses(r"gc\.collect"), calls_method("empty_cache|soft_empty_cache|unload_all_models")
        ),
        bad=("import gc\ngc.collect()", "management.soft_empty_cache()"),
    ),
    "input-mutation": Rule(
        "ComfyUI hands the same value to every node and keeps it for the next run: copy it first",
        changed_arguments,
        bad=(
            "def execute(cls, latent): latent['samples'] = 0",
            "def execute(cls, model): model.options['a']['b'] = 0",
            "def execute(cls, image): image *= 2",
            "def execute(cls, image): return image.clamp_(0, 1)",
            "import torch\ndef execute(cls, image): torch.add(image, 1, out=image)",
            "def execute(cls, positive): positive.append(0)",
            "def execute(cls, positive): del positive[0]",
            "def execute(cls, model): model.add_patches({})",
            "def execute(cls, model): model.model_options, x = {}, 1",
        ),
        good=(
            "def execute(cls, latent):\n  latent = latent.copy()\n  latent['samples'] = 0",
            "def execute(cls, image): return image.clamp(0, 1)",
            "def execute(cls, model):\n  clone = model.clone()\n  clone.add_patches({})",
        ),
    ),
    "unrestored-patch": Rule(
        "a changed attribute of ComfyUI or torch stays changed for every other pack",
        foreign_changes,
        bad=(
            "import comfy.samplers\ncomfy.samplers.KSampler.run = mine",
            "import nodes\nnodes.MAPPINGS['a'] = mine",
            "from comfy import ops\nsetattr(ops, 'cast', mine)",
            "import torch\ntorch.backends.cudnn.benchmark = True",
            "import os\nos.environ['A'] = '1'",
        ),
        good=("options = {}\noptions['a'] = 1",),
    ),
    "process-state": Rule(
        "seeds, flags, paths and handlers of the process belong to ComfyUI",
        uses(
            r"torch\.(set_\w+|manual_seed|use_deterministic_algorithms|seed)"
            r"|(random|numpy\.random)\.seed|os\.(chdir|putenv|umask)|os\.environ\.\w+"
            r"|sys\.(path|modules)(\..*)?|warnings\.(filterwarnings|simplefilter)"
            r"|logging\.basicConfig|signal(\..*)?|atexit(\..*)?"
        ),
        bad=(
            "import torch\ntorch.manual_seed(0)",
            "import sys\nsys.path.insert(0, '.')",
            "import logging\nlogging.basicConfig()",
            "import os\nos.environ.setdefault('A', '1')",
        ),
        good=("import torch\ntorch.Generator().manual_seed(0)",),
    ),
    "import-work": Rule(
        "everybody waits for what a pack does while it is imported, used or not",
        work_at_import,
        bad=(
            "WEIGHTS = read('x')",
            "import os\nif True: os.makedirs('x')",
            "class Node: files = listed()",
            "def execute(cls, names=listed()): pass",
            "for name in (): pass",
            "@registered\ndef node(): pass\nregistered(node)",
        ),
        good=(
            "from pathlib import Path\nHERE = Path(__file__).parent",
            "import re\nWORD = re.compile('a')",
            "from .panels import Margins\nNONE = Margins()",
            "def execute(cls): return read('x')",
        ),
    ),
    "uncancellable-loop": Rule(
        "Cancel must work: ask throw_exception_if_processing_interrupted() in a loop of one's own",
        uncancellable_loops,
        bad=(
            "while True: pass",
            "from comfy.utils import ProgressBar\ndef run():\n  bar = ProgressBar(2)",
        ),
        good=(
            "import comfy.utils\ndef run():\n  bar = comfy.utils.ProgressBar(2)\n"
            "  for i in x: management.throw_exception_if_processing_interrupted()",
        ),
    ),
    "swallowed-error": Rule(
        "an except for everything hides Cancel, running out of memory and our own faults",
        swallowed_errors,
        bad=(
            "try: x()\nexcept Exception: pass",
            "try: x()\nexcept: y = None",
            "try: x()\nexcept (ValueError, BaseException): pass",
        ),
        good=(
            "try: x()\nexcept ValueError: pass",
            "try: x()\nexcept BaseException:\n  undo()\n  raise",
        ),
    ),
    "code-from-data": Rule(
        "what a file or a user gives must never run",
        uses(
            r"eval|exec|compile|__import__|importlib(\..*)?|(pickle|marshal|shelve|dill|joblib)(\..*)?"
            r"|torch\.load|numpy\.load"
        ),
        bad=("eval('1')", "import pickle", "import torch\ntorch.load(path)"),
        good=("import re\nre.compile('a')", "model.eval()"),
    ),
    "process": Rule(
        "nothing is installed or started at run time",
        uses(
            r"(subprocess|multiprocessing|pip|ensurepip|ctypes)(\..*)?|os\.(system|popen|exec\w+"
            r"|spawn\w+|fork)"
        ),
        bad=("import subprocess", "import os\nos.system('pip install x')", "import pip"),
    ),
    "network": Rule(
        "nothing is downloaded at run time, and nothing is sent",
        uses(
            r"(socket|http|ftplib|smtplib|requests|httpx|aiohttp|urllib3|wget|huggingface_hub)(\..*)?"
            r"|urllib(\.request(\..*)?)?"
        ),
        bad=("import requests", "from urllib.request import urlopen", "import urllib.request"),
    ),
    "node-mappings": Rule(
        "a pack that has NODE_CLASS_MAPPINGS loses its comfy_entrypoint",
        uses(r"(.*\.)?NODE_(CLASS|DISPLAY_NAME)_MAPPINGS"),
        bad=("NODE_CLASS_MAPPINGS = {}", "import nodes\nnodes.NODE_CLASS_MAPPINGS"),
    ),
    "absolute-path": Rule(
        "a path of one computer is nowhere on another",
        says(r"(/(home|Users|mnt|tmp|root|opt)/|[A-Za-z]:[\\/]\w)"),
        bad=("'/home/me/models'", "'C:\\\\models'"),
        good=("'models/loras'", "'https://huggingface.co/'"),
    ),
}

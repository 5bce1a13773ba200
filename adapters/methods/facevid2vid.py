"""face-vid2vid kept loaded: runs in its environment, see `adapters.worker`. Python 3.8 on."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class FaceVid2Vid:
    """Loads generator, key-point detector and pose estimator once, then animates frame by frame."""

    def __init__(self, options: dict[str, Any]) -> None:
        import torch

        self.torch = torch
        self.inputs = importlib.import_module("squashed_inputs")
        self.demo = importlib.import_module("demo")
        self.cpu = options["device"] == "cpu"
        self.generator, self.detector, self.poser = self.demo.load_checkpoints(
            options["config"], options["checkpoint"], options["gen"], cpu=self.cpu
        )
        with open(options["config"]) as file:  # noqa: PTH123 - old Pythons
            config = importlib.import_module("yaml").safe_load(file)
        self.jacobian = config["model_params"]["common_params"]["estimate_jacobian"]

    def animate(self, job: dict[str, Any]) -> Iterator[Any]:
        """Yield 256x256 frames, float in [0, 1]; motion is absolute on the same person."""
        relative = job["protocol"] != "self"
        place = self.demo.keypoint_transformation
        with self.torch.no_grad():
            source = self._tensor(self.inputs.picture(job["source"]))
            canonical = self.detector(source)
            of_source = place(canonical, self.poser(source), self.jacobian)
            of_first = None
            for frame in self.inputs.frames(job["driving"]):
                of_frame = place(canonical, self.poser(self._tensor(frame)), self.jacobian)
                of_first = of_frame if of_first is None else of_first
                points = self.demo.normalize_kp(
                    kp_source=of_source,
                    kp_driving=of_frame,
                    kp_driving_initial=of_first,
                    use_relative_movement=relative,
                    use_relative_jacobian=self.jacobian,
                    adapt_movement_scale=relative,
                )
                made = self.generator(source, kp_source=of_source, kp_driving=points)
                yield made["prediction"][0].permute(1, 2, 0).cpu().numpy()

    def _tensor(self, picture: Any) -> Any:  # noqa: ANN401 - torch's
        tensor = self.torch.from_numpy(picture).permute(2, 0, 1)[None]
        return tensor if self.cpu else tensor.cuda()

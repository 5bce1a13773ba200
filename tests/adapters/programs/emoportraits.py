"""notebooks/infer.py of EMOPortraits: a class, an undefined name, another machine's paths."""

import film
import numpy as np
import torch
from PIL import Image


class InferenceWrapper:
    def __init__(self, experiment_name, which_epoch="latest", model_file_name="", use_gpu=True,
                 num_gpus=1, fixed_bounding_box=False, project_dir="./", folder="mp_logs",
                 model_="va", torch_home="", print_model=False, print_params=True):  # fmt: skip
        repository = "/fsx/nikitadrobyshev/megaportraits_orig/repos"
        ckpt = "modnet_photographic_portrait_matting.ckpt"
        torch.load(f"{repository}/MODNet/pretrained/{ckpt}", map_location="cpu")
        torch.load(f"{project_dir}/{folder}/{experiment_name}/checkpoints/{model_file_name}")
        self.portrait = self.center = None

    def forward(self, source_image=None, driver_image=None, source_mask=None, crop=True,
                reset_tracking=False, smooth_pose=False):  # fmt: skip
        side = film.side(512)
        if reset_tracking:
            self.center = None
        if source_image is not None:
            with mp_face_detection.FaceDetection(min_detection_confidence=0.5):  # noqa: F821
                picture = np.array(source_image)
            picture = film.middle(picture) if crop else picture
            self.portrait = film.squashed([picture], side, side)[0]
        level = film.level(np.array(driver_image))
        if self.center is None:  # the tracking starts with the first frame
            self.center = level
        return [Image.fromarray(film.mixed(self.portrait, [level])[0])], None

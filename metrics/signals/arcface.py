"""Identity after insightface: SCRFD finds faces, norm_crop aligns them, ArcFace tells who it is.

The classes are insightface's own (2.x), on files that were verified before; its downloader and its
``FaceAnalysis`` are not used. Importing the package costs 0.8 s and brings onnx, scikit-image and
requests; it opens no connection and prints nothing.

Which face is whose: SCRFD's five points are compared with the same five of each mesh that the face
engine found. The nearest pair goes together, then the nearest of the rest, up to `MATCH_LIMIT` of
the mesh's size. A mesh that is left over has no identity in this frame.
"""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.signals.extractor import Batch, Files, Frame, Network, Where
from metrics.signals.face_engine import Detection, check_frame
from metrics.signals.face_points import ALIGNED_SIDE, Points, five_points, in_pixels
from metrics.signals.tflite_model import ModelError

WEIGHTS = ("scrfd_10g", "arcface_r50")
IMPORTS = ("insightface", "onnxruntime")
WIDTH = 512
DETECTOR_SIDE = 640
"""One size. insightface 2.x looks at 128 and at 640 and merges both, so that the points a face is
aligned by may come from either; 640 alone is what its examples set before, and scripts copied."""
CONFIDENCE = 0.5
OVERLAP = 0.4
MATCH_LIMIT = 0.25
"""Mean distance of the five points over the root of the area of the mesh's box. Two networks differ
by a few hundredths on one face; two faces that do not hide each other are 0.7 apart or more."""
PREPROCESSING = (
    f"SCRFD 10G on the frame fitted into {DETECTOR_SIDE}x{DETECTOR_SIDE} px (bilinear, top left, "
    f"black), (x - 127.5) / 128 RGB, score {CONFIDENCE}, suppression {OVERLAP}; the face whose "
    f"five points are the mesh's within {MATCH_LIMIT} of the root of its box's area; insightface "
    f"norm_crop {ALIGNED_SIDE} px (similarity, bilinear, black); (x - 127.5) / 127.5 RGB; "
    "embedding not normalised"
)

Detector = Callable[[Frame], Points]
"""Returns the five points of each face in an RGB frame, ``(K, 5, 2)`` in pixels."""


def open_detector(files: Files, where: Where) -> Detector:
    """Return SCRFD with everything it decides by pinned.

    Args:
        files: Path of ``scrfd_10g``.
        where: CPU, or CUDA if onnxruntime was built for it; fp32 on both.

    Raises:
        ModelError: If the file is no SCRFD with five points and a free input size.
    """
    from insightface.model_zoo import SCRFD

    path = Path(files["scrfd_10g"])
    scrfd = SCRFD(model_file=str(path), session=_session(path, where))
    if not scrfd.use_kps or scrfd.static_input_size is not None:
        raise ModelError(f"{path.name} is no SCRFD with five points and a free input size")
    side = (DETECTOR_SIDE, DETECTOR_SIDE)
    scrfd.prepare(0, input_size=side, det_thresh=CONFIDENCE, nms_thresh=OVERLAP)
    # scikit-image 0.26 announces the end of a method that norm_crop calls.
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"insightface\.utils\.")

    def detect(frame: Frame) -> Points:
        _, points = scrfd.detect(_swapped(frame))
        found: Points = np.asarray(points, dtype=np.float64).reshape(-1, 5, 2)
        return found

    return detect


def open_canonical(files: Files, where: Where) -> Network:
    """Return ArcFace: ``(B, 112, 112, 3)`` uint8 RGB crops to ``(B, 512)`` float32.

    Args:
        files: Path of ``arcface_r50``.
        where: CPU, or CUDA if onnxruntime was built for it; fp32 on both.

    Raises:
        ModelError: If the file is another network.
    """
    from insightface.model_zoo import ArcFaceONNX

    path = Path(files["arcface_r50"])
    arcface = ArcFaceONNX(model_file=str(path), session=_session(path, where))
    facts = (arcface.input_size, arcface.input_mean, arcface.input_std, arcface.output_shape[-1])
    if facts != ((ALIGNED_SIDE, ALIGNED_SIDE), 127.5, 127.5, WIDTH):
        raise ModelError(f"{path.name} has size, mean, deviation and width {facts}: no ArcFace r50")

    def network(batch: Batch) -> NDArray[np.float32]:
        if not len(batch):
            return np.zeros((0, WIDTH), dtype=np.float32)
        return np.asarray(arcface.get_feat([_swapped(crop) for crop in batch]), dtype=np.float32)

    return network


def crops(frame: Frame, faces: Detection, detector: Detector) -> list[Batch | None]:
    """Return what ArcFace sees of each face, in the order of the detections.

    Args:
        frame: ``(H, W, 3)`` uint8 RGB.
        faces: The faces the face engine found.
        detector: From `open_detector`; not asked if there are no faces.

    Returns:
        ``(112, 112, 3)`` uint8 RGB each; ``None`` for a face that SCRFD does not find.

    Raises:
        ValueError: If ``frame`` is not ``(H, W, 3)`` uint8.
    """
    check_frame(frame)
    if not faces.count:
        return []
    mesh = in_pixels(faces.landmarks, (frame.shape[0], frame.shape[1]))
    found = detector(frame)
    return [None if i < 0 else _norm_crop(frame, found[i]) for i in match(mesh, found)]


def match(mesh: Points, found: Points) -> NDArray[np.intp]:
    """Say which found face is which mesh.

    Args:
        mesh: ``(F, 478, 2)`` in pixels; NaN for no face.
        found: ``(K, 5, 2)`` in pixels.

    Returns:
        ``(F,)``: index into ``found``, each at most once; -1 where there is none.
    """
    partner = np.full(len(mesh), -1, dtype=np.intp)
    size = np.sqrt(np.prod(np.ptp(mesh, axis=1), axis=-1))
    apart = np.linalg.norm(five_points(mesh)[:, None] - found[None], axis=-1).mean(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (apart / size[:, None]).ravel()
    near = np.flatnonzero(distance <= MATCH_LIMIT)  # NaN is not near
    for pair in near[np.argsort(distance[near], kind="stable")]:
        row, column = divmod(int(pair), len(found))
        if partner[row] < 0 and column not in partner:
            partner[row] = column
    return partner


def _norm_crop(frame: Frame, five: Points) -> NDArray[np.uint8]:
    from insightface.utils import face_align

    crop = face_align.norm_crop(frame, five.astype(np.float32), image_size=ALIGNED_SIDE)
    return np.asarray(crop, dtype=np.uint8)


def _swapped(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB as BGR, which insightface takes."""
    return np.ascontiguousarray(pixels[..., ::-1])


def _session(path: Path, where: Where) -> Any:  # noqa: ANN401 - onnxruntime has no types
    """Open an ONNX file in fp32, on CUDA where that is wanted and this onnxruntime has it.

    Raises:
        ModelError: If onnxruntime cannot read it.
    """
    import onnxruntime
    from insightface.model_zoo import preload_cuda_libraries

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = where.threads
    options.log_severity_level = 3
    # Waiting threads must not burn the core that decodes the next frames.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    providers: list[Any] = ["CPUExecutionProvider"]
    cuda = "CUDAExecutionProvider"
    if where.device.startswith("cuda") and cuda in onnxruntime.get_available_providers():
        preload_cuda_libraries([cuda])
        number = int(where.device.partition(":")[2] or 0)
        providers.insert(0, (cuda, {"device_id": number, "use_tf32": 0}))
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # onnxruntime's own, one class a status code
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{path.name} cannot be opened: {reason}") from None

"""The resize filters that references use, on any device; three filters, three numbers.

All take pictures as ``(B, H, W, 3)`` and return ``(B, 3, h, w)`` float32 in the range they came in,
neither clipped nor rounded.
"""

import torch
from torch import Tensor
from torch.nn import functional

Size = tuple[int, int]


def tf1_bilinear(pictures: Tensor, size: Size) -> Tensor:
    """Resize as TensorFlow 1's ``resize_bilinear`` without aligned corners, never antialiased.

    Output pixel ``i`` reads the input at ``i * in / out``, with no half-pixel offset, and past the
    last pixel that one again (torch-fidelity 5e211a9 ``interpolate_compat_tensorflow.py``).

    Args:
        pictures: ``(B, H, W, 3)`` uint8 or float32.
        size: ``(height, width)`` of the result.
    """
    low, high, share = _taps(pictures.shape[1], size[0], pictures.device)
    rows = pictures.index_select(1, low).float()
    rows.lerp_(pictures.index_select(1, high).float(), share.view(-1, 1, 1))
    low, high, share = _taps(pictures.shape[2], size[1], pictures.device)
    columns = rows.index_select(2, low).lerp_(rows.index_select(2, high), share.view(-1, 1))
    return columns.permute(0, 3, 1, 2)


def torch_bilinear(pictures: Tensor, size: Size) -> Tensor:
    """Resize as ``F.interpolate(mode="bilinear", align_corners=False)``, never antialiased.

    Args:
        pictures: ``(B, H, W, 3)`` uint8 or float32.
        size: ``(height, width)`` of the result.
    """
    planes = pictures.permute(0, 3, 1, 2).float()
    return functional.interpolate(planes, size, mode="bilinear", align_corners=False)


def pil_bicubic(pictures: Tensor, size: Size) -> Tensor:
    """Resize as Pillow's bicubic on float channels (mode ``F``): antialiased, a = -0.5.

    torch's antialiased filter is Pillow's, but for the taps, which it rounds to the type of the
    pictures: in float32 that is an error of 0.003 grey levels, in float64 none.

    Args:
        pictures: ``(B, H, W, 3)`` uint8 or float32.
        size: ``(height, width)`` of the result.
    """
    planes = pictures.permute(0, 3, 1, 2).double()
    return functional.interpolate(planes, size, mode="bicubic", antialias=True).float()


def _taps(length: int, out: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Return the two inputs of each output and the share of the second, ``(out,)`` each."""
    at = torch.arange(out, dtype=torch.float32, device=device)
    at *= torch.tensor(length / out, dtype=torch.float32, device=device)  # rounded once, as in TF
    low = at.long()
    return low, (low + 1).clamp_max(length - 1), at - low

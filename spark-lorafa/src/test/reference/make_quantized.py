"""Matrices that bitsandbytes quantised on CPU: NF4 with double quantisation, and int8 by rows.

Writes ../resources/reference/quantized.safetensors. Codes are stored as fp16, which holds them exactly.
"""

import pathlib

import torch
from bitsandbytes import functional as bnb
from safetensors.torch import save_file

OUT = pathlib.Path(__file__).parent.parent / "resources" / "reference" / "quantized.safetensors"

# 285 blocks: two groups of scales; rows of 260, 64, 100 and 7 numbers; a single number.
SHAPES = [(70, 260), (9, 64), (13, 100), (5, 7), (1, 1)]


def main():
    torch.manual_seed(5)
    tensors = {"map": bnb.create_dynamic_map()}
    for rows, columns in SHAPES:
        w = torch.randn(rows, columns) * 0.02 * (1 + torch.rand(rows, 1))
        w[0, : min(columns, 3)] = 0.3
        if rows == 9:
            w[4] = 0  # a block, and a row, of nothing
        w = w.bfloat16()
        wide = w.float()
        name = f"{rows}x{columns}"
        packed, state = bnb.quantize_4bit(wide, blocksize=64, compress_statistics=True, quant_type="nf4")
        codes8, rows8, _ = bnb.int8_vectorwise_quant(wide.half()) if rows > 1 else (None, None, None)
        tensors |= {
            f"{name}.weight": w,
            f"{name}.nf4.codes": packed.view(-1).half(),
            f"{name}.nf4.scales": state.absmax.half(),
            f"{name}.nf4.largest": state.state2.absmax,
            f"{name}.nf4.mean": state.offset.view(1),
            f"{name}.nf4.numbers": bnb.dequantize_4bit(packed, state).view(rows, columns),
        }
        tensors |= {f"{name}.nf4.rounded": bnb.dequantize_4bit(packed, state).bfloat16().view(rows, columns)}
        if codes8 is not None:
            tensors |= {
                f"{name}.int8.codes": codes8.half(),
                f"{name}.int8.numbers": bnb.int8_vectorwise_dequant(codes8, rows8),
            }
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, OUT)


if __name__ == "__main__":
    main()

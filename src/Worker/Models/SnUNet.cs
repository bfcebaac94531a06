using ChangeDetection.Core.Configuration;
using ChangeDetection.Worker.Models.Layers;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Worker.Models;

/// <summary>
/// SNUNet-CD of Fang, Li, Shao, Li, "SNUNet-CD: a densely connected siamese network for change detection of VHR images" (IEEE GRSL 2022), 32 channels wide:
/// a nested U over the features of both dates, whose four full-size maps are weighed by channel attention. Sides are multiples of 16; others are filled up
/// by repeating the last row and column.
/// </summary>
public sealed class SnUNet : ChangeNetwork
{
    private const int Width = 32;
    private const int Depth = 4;
    private const int Multiple = 1 << Depth;

    /// <summary>By level and column; column 0 is the encoder, which both dates go through.</summary>
    private readonly NestedBlock[][] _blocks = new NestedBlock[Depth + 1][];
    private readonly DoublingConvolution[][] _up = new DoublingConvolution[Depth + 1][];
    private readonly ChannelAttention _together;
    private readonly ChannelAttention _each;
    private readonly Convolution _final;

    [Implements(ModelNames.SnUNet)]
    public static NetworkFactory Factory => new(config => new SnUNet(config));

    public SnUNet(ModelConfig config) : base("snunet", config)
    {
        for (var level = 0; level <= Depth; level++)
        {
            (_blocks[level], _up[level]) = (new NestedBlock[Depth - level + 1], new DoublingConvolution[Depth - level + 1]);
            var width = Width << level;
            for (var column = 0; column <= Depth - level; column++)
            {
                // Behind the encoder: both dates, the columns before, and the level below at twice its size.
                var inputs = column > 0 ? (column + 1) * width + 2 * width : level == 0 ? config.Channels : width / 2;
                register_module($"conv{level}_{column}", _blocks[level][column] = new NestedBlock(inputs, width));
                if (level > 0 && column < Depth)
                    register_module($"Up{level}_{column}", _up[level][column] = new DoublingConvolution(width));
            }
        }
        register_module("ca", _together = new ChannelAttention(Depth * Width, ratio: 16));
        register_module("ca1", _each = new ChannelAttention(Width, ratio: 4));
        register_module("conv_final", _final = new Convolution(Depth * Width, config.Classes, kernel: 1));
    }

    public override Tensor forward(Tensor before, Tensor after)
    {
        var (height, width) = (before.shape[2], before.shape[3]);
        var a = Encode(Edges.RepeatToMultiple(before, Multiple), Depth - 1);
        var b = Encode(Edges.RepeatToMultiple(after, Multiple), Depth);
        // The maps that each level has so far, and the one that the level above takes from it next.
        var rows = Enumerable.Range(0, Depth).Select(level => new List<Tensor> { a[level], b[level] }).ToArray();
        var newest = b;
        for (var column = 1; column <= Depth; column++)
        {
            var next = new Tensor[Depth - column + 1];
            for (var level = 0; level <= Depth - column; level++)
            {
                using var scope = NewDisposeScope();
                var below = _up[level + 1][column - 1].call(newest[level + 1]);
                next[level] = _blocks[level][column].call(cat([.. rows[level], below], 1)).MoveToOuterDisposeScope();
                rows[level].Add(next[level]);
            }
            newest = next;
        }
        return functional.log_softmax(_final.call(Weigh(rows[0].Skip(2).ToArray())), 1).narrow(2, 0, height).narrow(3, 0, width);
    }

    private Tensor[] Encode(Tensor image, int depth)
    {
        var maps = new Tensor[depth + 1];
        for (var level = 0; level <= depth; level++)
            maps[level] = _blocks[level][0].call(level == 0 ? image : functional.max_pool2d(maps[level - 1], 2, 2));
        return maps;
    }

    /// <summary>The ensemble channel attention of the paper: of the four maps' sum, and of all their channels.</summary>
    private Tensor Weigh(Tensor[] maps)
    {
        var each = _each.call(maps.Aggregate((one, other) => one + other));
        var all = cat(maps, 1);
        return _together.call(all) * (all + each.repeat(1, Depth, 1, 1));
    }
}

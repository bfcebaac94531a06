using System.Runtime.InteropServices;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>
/// A state dictionary with torchvision's names and shapes of <c>efficientnet_b4</c> (Tan, Le, "EfficientNet", ICML 2019, table 1, widened by 1.4 and
/// deepened by 1.8), and drawn values: the stem, five of the seven stages, and of the head a part.
/// </summary>
internal static class EfficientNetB4File
{
    private static readonly (int Outputs, int Blocks, int Expansion, int Kernel)[] s_stages =
        [(24, 2, 1, 3), (32, 4, 6, 3), (56, 4, 6, 5), (112, 6, 6, 3), (160, 1, 6, 5)];

    public static IReadOnlyList<TensorData> Draw(int seed)
    {
        var file = new List<TensorData>();
        var random = new Random(seed);
        Normalized("features.0", 48, 3, 3);
        var inputs = 48;
        for (var stage = 0; stage < s_stages.Length; stage++)
        {
            var (outputs, blocks, expansion, kernel) = s_stages[stage];
            for (var block = 0; block < blocks; block++, inputs = outputs)
                Block($"features.{stage + 1}.{block}.block", inputs, outputs, expansion, kernel);
        }
        Add("classifier.1.bias", 1000);
        return file;

        void Block(string name, int from, int to, int expansion, int kernel)
        {
            var (width, part) = (from * expansion, 0);
            if (expansion > 1)
                Normalized($"{name}.{part++}", width, from, 1);
            Normalized($"{name}.{part++}", width, 1, kernel);
            Add($"{name}.{part}.fc1.weight", from / 4, width, 1, 1);
            Add($"{name}.{part}.fc1.bias", from / 4);
            Add($"{name}.{part}.fc2.weight", width, from / 4, 1, 1);
            Add($"{name}.{part++}.fc2.bias", width);
            Normalized($"{name}.{part}", to, width, 1);
        }

        void Normalized(string name, int outputs, int perOutput, int kernel)
        {
            Add($"{name}.0.weight", outputs, perOutput, kernel, kernel);
            foreach (var part in (string[])["weight", "bias", "running_mean", "running_var"])
                Add($"{name}.1.{part}", outputs);
            file.Add(new TensorData($"{name}.1.num_batches_tracked", TensorType.I64, [], BitConverter.GetBytes(7L)));
        }

        void Add(string name, params long[] shape)
        {
            var values = new float[shape.Aggregate(1L, (product, side) => product * side)];
            foreach (ref var value in values.AsSpan())
                value = random.NextSingle();
            file.Add(new TensorData(name, TensorType.F32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));
        }
    }
}

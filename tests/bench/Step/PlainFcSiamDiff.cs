using TorchSharp.Modules;

using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace ChangeDetection.Bench.Step;

/// <summary>FC-Siam-diff as one writes it with TorchSharp's own modules and nothing else: the benchmark's baseline.</summary>
internal sealed class PlainFcSiamDiff : Module<Tensor, Tensor, Tensor>
{
    private readonly Dictionary<string, Module<Tensor, Tensor>> _modules = [];
    private readonly Dropout2d _dropout;

    public PlainFcSiamDiff(int channels, double dropout) : base(nameof(PlainFcSiamDiff))
    {
        _dropout = Dropout2d(dropout);
        (string, int, int)[] encoder =
        [
            ("11", channels, 16), ("12", 16, 16), ("21", 16, 32), ("22", 32, 32), ("31", 32, 64), ("32", 64, 64), ("33", 64, 64),
            ("41", 64, 128), ("42", 128, 128), ("43", 128, 128),
        ];
        foreach (var (name, inputs, outputs) in encoder)
            Add(name, Conv2d(inputs, outputs, 3, padding: 1), outputs);
        (string, int, int)[] decoder =
        [
            ("43d", 256, 128), ("42d", 128, 128), ("41d", 128, 64), ("33d", 128, 64), ("32d", 64, 64), ("31d", 64, 32),
            ("22d", 64, 32), ("21d", 32, 16), ("12d", 32, 16), ("11d", 16, 2),
        ];
        foreach (var (name, inputs, outputs) in decoder)
            Add(name, ConvTranspose2d(inputs, outputs, 3, padding: 1), outputs);
        foreach (var (name, width) in new[] { ("4", 128), ("3", 64), ("2", 32), ("1", 16) })
            Register($"upconv{name}", ConvTranspose2d(width, width, 3, stride: 2, padding: 1, output_padding: 1));
    }

    public override Tensor forward(Tensor before, Tensor after)
    {
        var (a1, a2, a3, a4, _) = Encode(before);
        var (b1, b2, b3, b4, x) = Encode(after);
        x = Decode(x, "4", a4, b4, "43d", "42d", "41d");
        x = Decode(x, "3", a3, b3, "33d", "32d", "31d");
        x = Decode(x, "2", a2, b2, "22d", "21d");
        x = Decode(x, "1", a1, b1, "12d");
        return functional.log_softmax(_modules["conv11d"].call(x), 1);
    }

    private (Tensor, Tensor, Tensor, Tensor, Tensor) Encode(Tensor image)
    {
        var one = Unit(Unit(image, "11"), "12");
        var two = Unit(Unit(Pool(one), "21"), "22");
        var three = Unit(Unit(Unit(Pool(two), "31"), "32"), "33");
        var four = Unit(Unit(Unit(Pool(three), "41"), "42"), "43");
        return (one, two, three, four, Pool(four));
    }

    private Tensor Decode(Tensor x, string level, Tensor before, Tensor after, params string[] units)
    {
        var up = _modules[$"upconv{level}"].call(x);
        up = functional.pad(up, [0, before.shape[3] - up.shape[3], 0, before.shape[2] - up.shape[2]], TorchSharp.PaddingModes.Replicate);
        return units.Aggregate(cat([up, abs(before - after)], 1), Unit);
    }

    private Tensor Unit(Tensor x, string name)
        => _dropout.call(functional.relu(_modules[$"bn{name}"].call(_modules[$"conv{name}"].call(x))));

    private static Tensor Pool(Tensor x) => functional.max_pool2d(x, 2, 2);

    private void Add(string name, Module<Tensor, Tensor> convolution, int outputs)
    {
        Register($"conv{name}", convolution);
        if (name != "11d")
            Register($"bn{name}", BatchNorm2d(outputs));
    }

    private void Register(string name, Module<Tensor, Tensor> module)
    {
        _modules[name] = module;
        register_module(name, module);
    }
}

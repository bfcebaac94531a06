using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Worker.Checkpoints;
using ChangeDetection.Worker.Models;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Models;

[Collection(TorchCollection.Name)]
[Needs(Resource.Processes)]
public sealed class TinyCdTests : IDisposable
{
    /// <summary>The paper's network once more, in functions of PyTorch alone, by the published names of its parameters.</summary>
    private const string Reference =
        """
        import sys, torch, torch.nn.functional as F
        torch.set_num_threads(1)
        weights = torch.load(sys.argv[1])
        used = set()

        def get(name):
            used.add(name)
            return weights[name]

        def conv(x, name, stride=1, groups=1):
            weight = get(name + '.weight')
            bias = get(name + '.bias') if name + '.bias' in weights else None
            return F.conv2d(x, weight, bias, stride=stride, padding=weight.shape[2] // 2, groups=groups)

        def norm(x, name):
            return F.batch_norm(x, *[get(name + part) for part in ('.running_mean', '.running_var', '.weight', '.bias')])

        def prelu(x, name):
            return F.prelu(x, get(name + '.weight'))

        def block(x, name, expanded, stride):
            y, i = x, 0
            if expanded:
                y, i = F.silu(norm(conv(y, f'{name}.block.0.0'), f'{name}.block.0.1')), 1
            y = F.silu(norm(conv(y, f'{name}.block.{i}.0', stride, y.shape[1]), f'{name}.block.{i}.1'))
            gate = F.silu(conv(F.adaptive_avg_pool2d(y, 1), f'{name}.block.{i + 1}.fc1'))
            y = y * torch.sigmoid(conv(gate, f'{name}.block.{i + 1}.fc2'))
            y = norm(conv(y, f'{name}.block.{i + 2}.0'), f'{name}.block.{i + 2}.1')
            return x + y if x.shape == y.shape else y

        def stage(x, number):
            if number == 0:
                return F.silu(norm(conv(x, '_backbone.0.0', 2), '_backbone.0.1'))
            for i in range(2 if number == 1 else 4):
                x = block(x, f'_backbone.{number}.{i}', number > 1, 2 if number > 1 and i == 0 else 1)
            return x

        def mix(a, b, name):
            n, c, h, w = a.shape
            x = conv(torch.stack((a, b), 2).reshape(n, 2 * c, h, w), name + '._convmix.0', groups=c)
            return F.instance_norm(prelu(x, name + '._convmix.1'))

        def pixelwise(x, name, activate_last):
            for i in range(3):
                x = conv(x, f'{name}._linears.{i}.0')
                if i < 2 or activate_last:
                    x = prelu(x, f'{name}._linears.{i}.1')
            return x

        def mask(a, b, name):
            return pixelwise(mix(a, b, name + '._mixing'), name + '._linear', True)

        def up(x, by, name):
            x = F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=True) * by
            x = F.instance_norm(prelu(conv(x, name + '._convolution.0', groups=x.shape[1]), name + '._convolution.1'))
            return F.instance_norm(prelu(conv(x, name + '._convolution.3'), name + '._convolution.4'))

        before = (torch.arange(3 * 32 * 48, dtype=torch.float32) / (3 * 32 * 48)).reshape(1, 3, 32, 48)
        a, b = before, (before * 40).sin()
        masks = [mask(a, b, '_first_mix')]
        for number in range(4):
            a, b = stage(a, number), stage(b, number)
            if number in (1, 2):
                masks.append(mask(a, b, f'_mixing_mask.{number - 1}'))
        x = mix(a, b, '_mixing_mask.2')
        for step in range(3):
            x = up(x, masks[2 - step], f'_up.{step}')
        print(*torch.sigmoid(pixelwise(x, '_classify', False)).flatten().tolist())
        print(*[name for name in weights if name not in used and not name.endswith('num_batches_tracked')])
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Forward_WithThePublishedNames_IsThePublishedNetwork()
    {
        using var network = Network();
        await using (var file = File.Create(_folder["tinycd.pth"]))
            await PyTorchFile.WriteAsync(file, network.state_dict().Select(named => Tensors.Read(named.Key, named.Value)), CancellationToken.None);
        var expected = Probability(network);

        var lines = (await PyTorchPython.RunOrSkipAsync(Reference, _folder["tinycd.pth"])).Split('\n');

        Assert.Equal("", lines[1]);
        Assert.Equal(expected.Length, lines[0].Split(' ').Length);
        Assert.All(lines[0].Split(' ').Zip(expected), pair => Assert.Equal(pair.Second, float.Parse(pair.First, CultureInfo.InvariantCulture), 1e-4f));
    }

    private static ChangeNetwork Network()
    {
        var network = ModelCatalogue.Create(new ModelConfig { Name = ModelNames.TinyCd }, seed: 3);
        network.eval();
        using var unrecorded = no_grad();
        // Statistics of a fresh network would hide a mistake in them.
        foreach (var (name, tensor) in network.state_dict().Where(named => named.Key.Contains("running_", StringComparison.Ordinal)))
            tensor.uniform_(name.EndsWith("mean", StringComparison.Ordinal) ? -0.1 : 0.5, name.EndsWith("mean", StringComparison.Ordinal) ? 0.1 : 1.5);
        return network;
    }

    /// <summary>Of change, of each pixel of the images that the reference is given too.</summary>
    private static float[] Probability(ChangeNetwork network)
    {
        using var scope = NewDisposeScope();
        using var unrecorded = no_grad();
        var before = (arange(3 * 32 * 48, float32) / (3 * 32 * 48)).reshape(1, 3, 32, 48);
        return [.. network.call(before, (before * 40).sin()).narrow(1, 1, 1).exp().flatten().data<float>()];
    }
}

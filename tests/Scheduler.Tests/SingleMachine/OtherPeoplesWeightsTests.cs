using System.Formats.Tar;
using System.Text.Json;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.TestKit;
using ChangeDetection.Weights.PyTorch;
using ChangeDetection.Weights.Tensors;

namespace ChangeDetection.Scheduler.Tests.SingleMachine;

/// <summary>Weights of another program, in its naming and with its normalisation, score here what they score there.</summary>
[Needs(Resource.Database, Resource.Processes)]
public sealed class OtherPeoplesWeightsTests(SystemThatWorks works) : IClassFixture<SystemThatWorks>, IDisposable
{
    /// <summary>
    /// Other weights than ours, in names that are not ours, wrapped as DataParallel and a training loop do. Behind batch norms that have seen something.
    /// </summary>
    private const string Save =
        """
        import sys, torch
        torch.manual_seed(5)
        state = {}
        for name, value in torch.load(sys.argv[1]).items():
            if value.dtype == torch.float32:
                value = value.abs() + 0.5 if name.endswith('running_var') else value + 0.1 * torch.randn(value.shape)
            state['module.backbone.' + name] = value
        torch.save({'epoch': 12, 'state_dict': state, 'best_f1': 0.5}, sys.argv[2])
        """;

    /// <summary>The split, pixel by pixel: images by ImageNet's figures, the likelier class of each pixel.</summary>
    private const string Score =
        """
        import json, sys, torch
        net, cases = torch.jit.load(sys.argv[1]).eval(), torch.load(sys.argv[2])
        mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
        deviation = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
        def network_input(image):
            return (image.permute(2, 0, 1).unsqueeze(0).float() / 255 - mean) / deviation
        matrix = torch.zeros(2, 2, dtype=torch.long)
        with torch.no_grad():
            for key in sorted({name.split('|')[0] for name in cases}):
                found = net(network_input(cases[key + '|before']), network_input(cases[key + '|after'])).argmax(1).flatten()
                truth = cases[key + '|mask'].flatten().long()
                matrix += torch.bincount(truth * 2 + found, minlength=4).view(2, 2)
        (tn, fp), (fn, tp) = matrix.tolist()
        print(json.dumps({'f1': 2 * tp / (2 * tp + fp + fn), 'precision': tp / (tp + fp), 'recall': tp / (tp + fn), 'iou': tp / (tp + fp + fn),
                          'accuracy': (tp + tn) / (tn + fp + fn + tp)}))
        """;

    private readonly SystemUnderTest _system = works.System;
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Dataset => Path.Combine(Path.GetDirectoryName(_system.DataDir)!, "dataset");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Import_OfAnotherNamingByImageNetsFigures_ScoresWhatPyTorchScores()
    {
        var ours = (await _system.SubmitAsync("ours", epochs: 1, steps: 1))[0];
        await _system.SucceededAsync(ours, TimeSpan.FromMinutes(2));
        (await _system.CliAsync("checkpoint", "get", $"{ours}", "--out", _folder["ours.pth"])).Succeeded();
        await PyTorchPython.RunOrSkipAsync(Save, _folder["ours.pth"], _folder["theirs.pth"]);

        var imported = (await _system.CliAsync(
            "checkpoint", "import", _folder["theirs.pth"], "--model", "fc-siam-diff", "--normalize", "imagenet", "--rename", "backbone=")).Succeeded().Trim();
        var evaluation = JsonDocument.Parse((await _system.CliAsync(
            "evaluate", "--checkpoint", imported, "--dataset", Dataset, "--split", "test", "--pictures", "0", "--wait", "--json")).Succeeded());
        var run = evaluation.RootElement.GetProperty("runs")[0].GetProperty("id").GetGuid();
        var scores = JsonDocument.Parse((await _system.CliAsync("report", $"{run}", "--json")).Succeeded()).RootElement.GetProperty("scores");

        (await _system.CliAsync("checkpoint", "get", imported, "--out", _folder["net.pt"])).Succeeded();
        await using (var cases = File.Create(_folder["cases.pth"]))
            await PyTorchFile.WriteAsync(cases, Split("test"), Token);
        var theirs = JsonDocument.Parse(await PyTorchPython.RunOrSkipAsync(Score, _folder["net.pt"], _folder["cases.pth"])).RootElement;

        Assert.InRange(theirs.GetProperty("f1").GetDouble(), 0.01, 0.99);
        Assert.All(theirs.EnumerateObject(), score => Assert.Equal(score.Value.GetDouble(), scores.GetProperty(score.Name).GetDouble(), tolerance: 1e-4));
    }

    /// <summary>The split's images and masks [height, width, channels] as its shards have them.</summary>
    private List<TensorData> Split(string split)
    {
        var tensors = new List<TensorData>();
        foreach (var path in Directory.GetFiles(Dataset, $"{split}-*.tar"))
        {
            using var tar = new TarReader(File.OpenRead(path));
            while (tar.GetNextEntry(copyData: true) is { } entry)
            {
                if (entry.Name.Split('.') is not [var key, ("before" or "after" or "mask") and var role, "png"])
                    continue;
                using var bytes = new MemoryStream();
                entry.DataStream!.CopyTo(bytes);
                var image = ImageCodec.Decode(bytes.ToArray(), entry.Name);
                var (width, height, channels, _) = image.Shape;
                tensors.Add(new TensorData($"{key}|{role}", TensorType.U8, [height, width, channels], image.Bytes.ToArray()));
            }
        }
        return tensors;
    }
}

using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Models;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Data;
using static TorchSharp.torch;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>More than two classes, from the shards to the weights.</summary>
[Collection(TorchCollection.Name)]
public sealed class ClassTrainingTests
{
    public static TheoryData<string> Networks => [.. ModelNames.All];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Forward_OfMoreClasses_GivesAProbabilityForEach(string name)
    {
        using var scope = NewDisposeScope();
        using var network = ModelCatalogue.Create(new ModelConfig { Name = name, Classes = 5 }, seed: 1);
        network.eval();
        using var unrecorded = no_grad();
        var output = network.call(randn(1, 3, 17, 33), randn(1, 3, 17, 33));
        Assert.Equal([1, 5, 17, 33], output.shape);
        Assert.Equal(5, network.Classes);
        Assert.True(output.exp().sum(1).allclose(ones(1, 17, 33), 1e-5, 1e-5));
    }

    public static TheoryData<string, string?> Losses =>
        new([.. LossNames.All.Where(name => !LossNames.AreBinary(name)).Select(name => (name, (string?)null)), (LossNames.Focal, LossNames.Dice)]);

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Run_ThreeClasses_TrainsAndTheLossFalls(string loss, string? plus)
    {
        using var dataset = await ClassDataset.PackAsync("none", "new", "gone");
        using var folder = new TemporaryFolder();
        var config = dataset.Config();
        config = config with
        {
            Loss = new() { Name = loss, Plus = plus is null ? [] : [new() { Name = plus }] },
            Model = config.Model with { Name = "fc-ef", Dropout = 0 },
            Optimizer = new() { Lr = 1e-2 },
            Train = config.Train with { Epochs = 4 },
        };
        var link = new RecordingLink();

        var outcome = await AttemptRunner.RunAsync(Assignment(folder, config), link, CancellationToken.None);

        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), outcome);
        var losses = link.Points.Where(point => point.Name == "train/loss").Select(point => point.Value).ToList();
        Assert.True(losses[^1] < losses[0], string.Join(", ", losses));
        var evaluated = await AttemptRunner.RunAsync(
            Assignment(folder, config) with { Kind = RunKind.Evaluate, Checkpoints = link.NewestFirst }, new RecordingLink(), CancellationToken.None);
        Assert.Equal(new TrainerOutcome(TrainerEnd.Succeeded), evaluated);
        var manifest = CheckpointManifest.Parse(
            await File.ReadAllBytesAsync(folder[$"{link.Offers[^1].Prefix}/{CheckpointManifest.FileName}"], TestContext.Current.CancellationToken), "manifest");
        Assert.Equal(["none", "new", "gone"], manifest.ClassNames);
    }

    private static TrainerAssignment Assignment(TemporaryFolder folder, ExperimentConfig config) => new()
    {
        Run = new Guid("0198c0de-0000-7000-8000-000000000003"),
        Attempt = 1,
        Kind = RunKind.Train,
        Config = config,
        Store = new Uri(folder.Path),
        Device = "cpu",
    };
}

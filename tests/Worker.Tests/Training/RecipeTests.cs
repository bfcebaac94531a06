using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Tests.Training;

/// <summary>Whatever a recipe keeps beside the weights goes through the checkpoint: stopped behind each step and resumed, it ends in the same bits.</summary>
[Collection(TorchCollection.Name)]
public sealed class RecipeTests
{
    private const int Samples = 6;

    public static TheoryData<string> Names => [.. s_recipes.Keys];

    private static readonly SortedDictionary<string, ExperimentConfig> s_recipes = new(StringComparer.Ordinal)
    {
        ["adamw, cosine, clipped"] = SmallRun.Config with
        {
            Optimizer = new OptimizerConfig { Name = OptimizerNames.AdamW },
            Schedule = new ScheduleConfig { Name = ScheduleNames.Cosine, WarmupEpochs = 0.5 },
            Train = SmallRun.Config.Train with { ClipNorm = 0.1 },
        },
        ["sgd, one-cycle, in parts, two losses"] = SmallRun.Config with
        {
            Optimizer = new OptimizerConfig { Name = OptimizerNames.Sgd, Lr = 0.01 },
            Schedule = new ScheduleConfig { Name = ScheduleNames.OneCycle },
            Loss = new LossConfig { Name = LossNames.Focal, Plus = [new AddedLossConfig { Name = LossNames.Lovasz }] },
            Train = SmallRun.Config.Train with { Accumulate = 2 },
        },
        ["averaged"] = SmallRun.Config with { Train = SmallRun.Config.Train with { AverageDecay = 0.9 } },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Train_StoppedAtEveryStepAndResumed_EndsInTheSameBits(string recipe)
    {
        using var folder = new TemporaryFolder();
        var straight = new RecordingLink();
        await new SmallRun(new FileObjectStore(folder["straight"]), InventedBatches.Of(Samples)) { Experiment = s_recipes[recipe] }.RunAsync(1, straight);

        var store = new FileObjectStore(folder["stopped"]);
        var points = new List<MetricPoint>();
        var attempt = 0;
        TrainerOutcome outcome;
        RecordingLink link = new();
        do
        {
            var previous = link.NewestFirst;
            var current = link = new RecordingLink();
            var run = new SmallRun(store, InventedBatches.Of(Samples, (_, _) => current.Stop())) { Experiment = s_recipes[recipe] };
            outcome = await run.RunAsync(++attempt, link, previous);
            points.AddRange(link.Points);
        }
        while (outcome.End == TrainerEnd.Stopped && attempt < 20);

        Assert.Equal(TrainerEnd.Succeeded, outcome.End);
        Assert.Equal(straight.Offers[^1].WeightsSha256, link.Offers[^1].WeightsSha256);
        Assert.Equal(straight.Points, points);
    }

    [Fact]
    public async Task EarlyStop_WithoutABetterEpoch_EndsWithACheckpointAndSucceeds()
    {
        using var folder = new TemporaryFolder();
        // A rate so small that the second epoch's figure is the first's, which is not better.
        var config = SmallRun.Config with
        {
            Optimizer = new OptimizerConfig { Lr = 1e-12 },
            Train = SmallRun.Config.Train with { Epochs = 50, EarlyStop = 2 },
            Checkpoint = SmallRun.Config.Checkpoint with { Metric = "val/accuracy", EveryEpochs = 50 },
        };
        var link = new RecordingLink();

        var outcome = await new SmallRun(new FileObjectStore(folder.Path), InventedBatches.Of(Samples)) { Experiment = config }.RunAsync(1, link);

        Assert.Equal(TrainerEnd.Succeeded, outcome.End);
        var best = link.Offers.Last(offer => offer.Best).Epoch;
        Assert.Equal(best + 2, link.Offers[^1].Epoch);
        Assert.InRange(link.Offers[^1].Epoch, 3, 49);
    }

    [Fact]
    public async Task Accumulate_OfOneSampleParts_IsTheGradientOfTheWholeBatch()
    {
        // Siamese-fcnn has no batch norm, so that a batch in parts is the batch, up to the order of sums.
        var config = SmallRun.Config with { Model = new ModelConfig { Name = ModelNames.SiameseFcnn }, Loss = new LossConfig { Name = LossNames.Bce } };
        var whole = await LossesAsync(config);
        var parts = await LossesAsync(config with { Train = config.Train with { Accumulate = 2 } });

        Assert.Equal(whole.Count, parts.Count);
        Assert.All(whole.Zip(parts), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    private static async Task<List<double>> LossesAsync(ExperimentConfig config)
    {
        using var folder = new TemporaryFolder();
        var link = new RecordingLink();
        await new SmallRun(new FileObjectStore(folder.Path), InventedBatches.Of(Samples)) { Experiment = config }.RunAsync(1, link);
        return [.. link.Points.Where(point => point.Name.EndsWith("/loss", StringComparison.Ordinal)).Select(point => point.Value)];
    }
}

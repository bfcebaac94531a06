using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Layouts;
using ChangeDetection.Datasets.Packing;
using ChangeDetection.TestKit;
using ChangeDetection.Worker.Attempts;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Tests.Training;

namespace ChangeDetection.Soak.Tests.Data;

/// <summary>The shipped examples on two real cities, of one of which a part is kept for the test.</summary>
[Collection(Lanes.OneThread)]
public sealed class OscdTrainingTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(3)]
    [InlineData(13)]
    public async Task Run_ShippedExample_IsBetterThanAllChangeAndAllBackground(int bands)
    {
        var source = Repository.SharedOrSkip("data/oscd-mini");
        using var folder = new TemporaryFolder();
        var example = Path.Combine(Repository.Root, "deploy", "examples", string.Create(CultureInfo.InvariantCulture, $"oscd-{bands}.yaml"));
        var config = ExperimentConfigReader.ReadFile(example, [$"dataset.uri={folder["packed"]}", "resources.threads=1"]);
        var options = new PackOptions
        {
            Tool = "tests",
            Encoding = PackEncoding.Raw,
            Splits = [.. new[] { "train=bercy", "train=rennes@0,0,375,339", "test=rennes@375,0,188,339" }.Select(SplitRule.Parse)],
        };
        var packed = await new DatasetPacker(DatasetLayouts.Find("oscd", bands), options).PackAsync(
            source, new FileObjectStore(folder["packed"]), null, CancellationToken.None);
        var (training, evaluation) = (new RecordingLink(), new RecordingLink());

        var trained = await AttemptRunner.RunAsync(Assignment(folder, config, RunKind.Train), training, CancellationToken.None);
        var evaluated = await AttemptRunner.RunAsync(
            Assignment(folder, config, RunKind.Evaluate) with { Checkpoints = training.NewestFirst }, evaluation, CancellationToken.None);

        Assert.Equal((new TrainerOutcome(TrainerEnd.Succeeded), new TrainerOutcome(TrainerEnd.Succeeded)), (trained, evaluated));
        // Of a mask that says change everywhere, precision is the change fraction p and recall 1; one that says none has an F1 of 0.
        var change = packed.Manifest.Splits["test"].ChangeFraction;
        var allChange = 2 * change / (1 + change);
        var figures = evaluation.Points.ToDictionary(point => point.Name, point => point.Value);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{bands} bands: F1 {figures["test/f1"]:0.0000}, precision {figures["test/precision"]:0.0000}, recall " +
                $"{figures["test/recall"]:0.0000}; all change {allChange:0.0000}; loss {training.Points[0].Value:0.0000} to " +
                $"{training.Points[^1].Value:0.0000}"));
        Assert.True(figures["test/f1"] > 2 * allChange, string.Create(CultureInfo.InvariantCulture, $"F1 {figures["test/f1"]}, all change {allChange}"));
    }

    private static TrainerAssignment Assignment(TemporaryFolder folder, ExperimentConfig config, RunKind kind) => new()
    {
        Run = new Guid("0198c0de-0000-7000-8000-000000000004"),
        Attempt = 1,
        Kind = kind,
        Config = config,
        Store = new Uri(folder["store"]),
        Device = "cpu",
    };
}

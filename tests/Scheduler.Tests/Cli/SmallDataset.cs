using ChangeDetection.TestKit;

namespace ChangeDetection.Scheduler.Tests.Cli;

/// <summary>Three generated pairs of 64 pixels in a folder, what becomes of them, and configs that name them.</summary>
internal static class SmallDataset
{
    /// <summary>Writes the pairs to <c>source</c>: one each of train, val and test.</summary>
    public static async Task SynthesizeAsync(TemporaryFolder folder) =>
        Assert.Equal(0, (await VerbRun.DatasetAsync("synthesize", "--out", folder["source"], "--pairs", "3", "--seed", "1", "--size", "64")).Code);

    /// <summary>Packs <c>source</c> to <c>dataset</c>.</summary>
    public static Task<VerbRun> PackAsync(TemporaryFolder folder, params string[] more) =>
        VerbRun.DatasetAsync(["pack", folder["source"], "--layout", "sysu", "--out", folder["dataset"], .. more]);

    /// <summary>A sound config beside the data set; <paramref name="more"/> is added at its end.</summary>
    public static string WriteConfig(TemporaryFolder folder, string uri = "dataset", string train = "{ split: train }", string more = "") =>
        folder.Write("experiment.yaml",
            $$"""
            version: 1
            name: small
            dataset:
              uri: {{uri}}
              train: {{train}}
            train: { batch_size: 1, epochs: 1 }
            {{more}}
            """);
}

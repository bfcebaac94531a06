namespace ChangeDetection.TestKit;

/// <summary>The config of the runs that whole systems train in tests: seconds long, on the small data set beside it.</summary>
internal static class SmallExperiment
{
    public static string Config(string name, int epochs, string seeds, bool evaluate, int steps, int priority, int crop) =>
        $$"""
        version: 1
        name: {{name}}
        {{seeds}}
        dataset:
          uri: dataset
          train: { split: train, crop: {{crop}}, samples_per_epoch: {{8 * steps}} }
        train: { batch_size: 8, epochs: {{epochs}} }
        checkpoint: { keep_last: 3 }
        evaluate: {{(evaluate ? "{ from: best, pictures: 2 }" : "none")}}
        resources: { threads: 1, priority: {{priority}} }
        """;
}

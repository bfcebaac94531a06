using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;

namespace ChangeDetection.Resilience.Tests.Storage;

/// <summary>Six steps of a few milliseconds: two an epoch, with validation and a checkpoint behind each.</summary>
internal static class TinyRun
{
    public const int Epochs = 3;

    public static ExperimentConfig Config(SystemUnderTest system, string name) => new()
    {
        Name = name,
        Seed = 5,
        Dataset = new DatasetConfig
        {
            Uri = new Uri($"file://{system.Dataset}"),
            Train = new TrainSplitConfig { Crop = 32, SamplesPerEpoch = 8 },
            Test = null,
        },
        Train = new TrainConfig { BatchSize = 4, Epochs = Epochs },
        Evaluate = null,
    };
}

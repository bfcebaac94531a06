using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Runs.Loader;

namespace ChangeDetection.Dashboard.Tests;

/// <summary>What a trainer says over its epochs. Values are functions of seed and step: a second attempt repeats the first one's.</summary>
internal sealed class SeededTraining
{
    public const int StepsPerEpoch = 47;

    private readonly List<MetricPoint> _metrics = [];
    private readonly List<LogLine> _lines = [];

    /// <param name="epochs">Those done.</param>
    /// <param name="of">Those of the whole run.</param>
    public SeededTraining(int epochs, int of, int seed)
    {
        var random = new Random(seed);
        Say(LogLineLevel.Info, "data set szada: 1500 of 3136 crops of 112 px per epoch");
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            for (var step = epoch * StepsPerEpoch + 1; step <= (epoch + 1) * StepsPerEpoch; step++)
                _metrics.Add(new("train/loss", step, epoch + 1, 0.62 * Math.Exp(-step / 380.0) + 0.06 + 0.05 * random.NextDouble()));
            Validate(epoch, random);
            Say(LogLineLevel.Info, $"epoch {epoch + 1}/{of}: val/f1 {LastValF1:0.0000}, 41.8 samples/s");
            if (epoch % 5 == 4)
                Say(LogLineLevel.Warning, "waited 1.2 s for data in this epoch; loader.decoders: 2 may help");
        }
        Progress = new RunProgress(epochs, epochs * StepsPerEpoch, of * StepsPerEpoch, (double)epochs / of, (of - epochs) * 36.0, new LoaderFigures
        {
            SamplesPerSecond = 41.8, WaitSeconds = 14.2, RecentWait = 0.34, RecentWaitSeconds = 10.2, WaitsFor = LoaderWait.Decoding,
            Remedy = LoaderRemedy.Decoders, BytesRead = 734_003_200, CacheHits = 170, CacheMisses = 22,
        });
    }

    public IReadOnlyList<MetricPoint> Metrics => _metrics;
    public IReadOnlyList<LogLine> Lines => _lines;
    public RunProgress Progress { get; }
    public double LastValF1 { get; private set; }

    private void Validate(int epoch, Random random)
    {
        var end = (epoch + 1) * StepsPerEpoch;
        var f1 = 0.66 * (1 - Math.Exp(-(epoch + 1) / 7.0)) - 0.02 * random.NextDouble();
        _metrics.AddRange([
            new("val/loss", end, epoch + 1, 0.55 * Math.Exp(-end / 420.0) + 0.12 + 0.02 * random.NextDouble()),
            new("val/f1", end, epoch + 1, f1), new("val/iou", end, epoch + 1, f1 / (2 - f1)),
            new("val/precision", end, epoch + 1, f1 * 1.08), new("val/recall", end, epoch + 1, f1 * 0.93),
            new("val/accuracy", end, epoch + 1, 0.9 + f1 / 12), new("val/kappa", end, epoch + 1, f1 * 0.96)]);
        LastValF1 = f1;
    }

    private void Say(LogLineLevel level, string text) => _lines.Add(new() { Seq = _lines.Count, Level = level, Text = text });
}

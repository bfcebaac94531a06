using System.Diagnostics;
using ChangeDetection.Datasets.Synthesis;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Batches;

namespace ChangeDetection.Worker.Check;

/// <summary>
/// Batches that are ready at once, of two generated pairs by turns. The trainer asks for the next one when a step is done, so the time between two
/// is the step's.
/// </summary>
/// <param name="enough">How long is measured, warm-up and all, where that makes steps enough.</param>
/// <param name="link">Stops the trainer then.</param>
internal sealed class TimedBatches(int pairs, int side, TimeSpan enough, KeptLink link)
{
    /// <summary>Steps that are not measured: memory is allocated and kernels are chosen and loaded.</summary>
    public const int WarmUp = 2;

    /// <summary>With those of the warm-up.</summary>
    public const int MostSteps = 100;

    private const int LeastSteps = WarmUp + 2;
    private const long Seed = 7;

    private readonly IReadOnlyList<SyntheticPair> _scenes = [SceneSynthesizer.Generate(Seed, 0, side), SceneSynthesizer.Generate(Seed, 1, side)];
    private readonly List<double> _seconds = [];

    public IReadOnlyList<double> StepSeconds => _seconds;

    public async IAsyncEnumerable<Batch> ReadAsync()
    {
        await Task.CompletedTask;
        var (before, after, mask) = (Values(scene => scene.Before), Values(scene => scene.After), Mask());
        var begun = Stopwatch.GetTimestamp();
        for (var step = 1; step <= MostSteps; step++)
        {
            var start = Stopwatch.GetTimestamp();
            yield return new Batch
            {
                FirstPosition = (step - 1) * pairs,
                Count = pairs,
                Height = side,
                Width = side,
                Channels = 3,
                Before = before,
                After = after,
                Mask = mask,
                Keys = [.. Enumerable.Range(0, pairs).Select(i => $"{i}")],
            };
            _seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            // The trainer looks behind each step, so one more is made.
            if (step >= LeastSteps && Stopwatch.GetElapsedTime(begun) > enough)
                link.Stop();
        }
    }

    private float[] Values(Func<SyntheticPair, PixelImage> date) =>
        [.. Scenes().SelectMany(scene => date(scene).Pixels).Select(value => value / 127.5f - 1)];

    private byte[] Mask() => [.. Scenes().SelectMany(scene => scene.Mask.Pixels).Select(value => value == 0 ? (byte)0 : (byte)1)];

    private IEnumerable<SyntheticPair> Scenes() => Enumerable.Range(0, pairs).Select(i => _scenes[i % _scenes.Count]);
}

using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Protocol;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Prediction;

/// <summary>
/// An attempt of a predict run on one pair. Strips are predicted from the top; each is stored and offered as soon as it is done, so that an attempt that
/// follows does the others alone. When all are there, the files are made of them. Runs on the compute thread.
/// </summary>
internal sealed class Predictor(TrainerAssignment assignment, ComputeDevice device, ITrainerLink link, TimeProvider time)
{
    private readonly PredictionRequest _request = assignment.Prediction ?? throw new InvalidOperationException($"Run {assignment.Run} has nothing to predict.");
    private readonly IObjectStore _store = ObjectStores.Open(assignment.Store);

    /// <summary>Does what is left of the run. An end that the worker asks for comes behind the current window; strips that are done stay done.</summary>
    public TrainerOutcome Run(CancellationToken cancellationToken)
    {
        var report = new PredictionReport(link, time);
        var rule = RuleOf(_request);
        using var before = SceneSource.Fetch(_request.Before!, _store, rule, report.Alive, cancellationToken);
        using var after = SceneSource.Fetch(_request.After!, _store, rule, report.Alive, cancellationToken);
        using var network = PredictionNetwork.Load(_request, _store, device, cancellationToken);
        using var scene = new PairScene(_request, network, before.Open, after.Open, report.Alive);
        TellOdd(_request, link);
        if (scene.Unplaced is { } unplaced)
            link.Event("georeference-missing", $"{unplaced} does not say where it lies; it is taken to lie where the other date does.");
        var tiling = scene.Tiling;
        var done = Intact(tiling, report.Alive);
        report.Begin(tiling.Strips.Count, tiling.Windows, done.Count);
        link.Log(TrainerLogLevel.Info, AttemptLog.Predicting(
            network.Manifest, network.Network, device.Numerics, scene.Shape.Width, scene.Shape.Height, tiling.Strips.Count, done.Count));
        try
        {
            Predict(scene, done, report);
        }
        catch (OperationCanceledException) when (link.StopRequested.IsCancellationRequested)
        {
            return new TrainerOutcome(TrainerEnd.Stopped, $"stopped with {done.Count} of {tiling.Strips.Count} strips done");
        }
        new OutputFiles(assignment, _store, link, scene.Shape, scene.Georeference, network.Legend, report.Alive).Write([.. done.Values], scene.OpenAfter);
        report.End();
        return new TrainerOutcome(TrainerEnd.Succeeded);
    }

    /// <summary>How pixels that are none are told.</summary>
    public static NoDataRule RuleOf(PredictionRequest request) => new(request.NoData, Enum.Parse<AlphaUse>(request.Alpha, ignoreCase: true));

    /// <summary>Puts what was found odd when the run was queued, and what was decided about values, among the run's events.</summary>
    public static void TellOdd(PredictionRequest request, ITrainerLink link)
    {
        foreach (var warning in request.Warnings ?? [])
            link.Event("values-far-off", warning);
        if (request.Rescale is { } rescaling)
            link.Event("rescaled", $"Values of both dates are mapped before they are normalised: {rescaling}.");
    }

    private void Predict(PairScene scene, SortedDictionary<int, StoredStrip> done, PredictionReport report)
    {
        for (var number = 0; number < scene.Tiling.Strips.Count; number++)
        {
            if (done.ContainsKey(number))
                continue;
            var (classes, probability) = scene.Predict(number, () =>
            {
                report.WindowDone();
                link.StopRequested.ThrowIfCancellationRequested();
            });
            var stored = StripFile.Put(
                _store, assignment.Run, assignment.Attempt, number, scene.Tiling.Strips[number], classes, _request.Probability ? probability : default);
            CrashPoint.Reach(CrashPoints.StripStored);
            link.Strip(stored);
            CrashPoint.Reach(CrashPoints.StripOffered);
            done.Add(number, stored);
            report.StripDone();
        }
    }

    /// <summary>Strips of attempts before that are there, whole, and cut as they would be cut now.</summary>
    private SortedDictionary<int, StoredStrip> Intact(ITiling tiling, Action alive)
    {
        var intact = new SortedDictionary<int, StoredStrip>();
        foreach (var strip in assignment.Strips)
        {
            var fits = strip.Strip < tiling.Strips.Count && tiling.Strips[strip.Strip] == new StripRows(strip.FirstRow, strip.FirstRow + strip.Rows);
            if (fits && StripFile.IsIntact(_store, strip))
                intact.Add(strip.Strip, strip);
            else
                link.Event("strip-lost", $"Strip {strip.Strip} of attempts before is damaged, gone, or cut otherwise; it is made again.");
            alive();
        }
        return intact;
    }
}

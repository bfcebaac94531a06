using System.Globalization;
using System.Runtime.InteropServices;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Core.Planning;
using ChangeDetection.Core.Runs;
using ChangeDetection.Core.Storage;
using ChangeDetection.Worker.Devices;
using ChangeDetection.Worker.Protocol;

namespace ChangeDetection.Worker.Prediction.Batches;

/// <summary>
/// An attempt of a predict run on many pairs. Each pair's files are stored together and offered as soon as they are done, in the table <c>strips</c>, so
/// that an attempt that follows does the other pairs alone; when all are there, one archive is made of them, and the summary. Runs on the compute thread.
/// </summary>
internal sealed class BatchPredictor(TrainerAssignment assignment, ComputeDevice device, ITrainerLink link, TimeProvider time)
{
    private const int RowsAtOnce = 64;

    private readonly PredictionRequest _request = assignment.Prediction!;
    private readonly PredictionBatch _batch = assignment.Prediction!.Batch!;
    private readonly IObjectStore _store = ObjectStores.Open(assignment.Store);

    /// <summary>Does what is left of the run. An end that the worker asks for comes behind the current window; pairs that are done stay done.</summary>
    public TrainerOutcome Run(CancellationToken cancellationToken)
    {
        var report = new PredictionReport(link, time);
        using var network = PredictionNetwork.Load(_request, _store, device, cancellationToken);
        IBatchPairs pairs = _batch.Dataset is { } dataset
            ? SamplePairs.Open(dataset, cancellationToken)
            : new FilePairs(_batch.Pairs!, _store, Predictor.RuleOf(_request), report.Alive);
        Predictor.TellOdd(_request, link);
        var done = Intact(pairs.Count, report.Alive);
        report.Begin(pairs.Count, pairs.Count, done.Count);
        link.Log(TrainerLogLevel.Info, string.Create(
            CultureInfo.InvariantCulture, $"predicting {pairs.Count} pairs of {_batch.Name} with {network.Manifest.Model.Name} of run " +
                $"{network.Manifest.Run}, step {network.Manifest.Step}: {done.Count} of them done before"));
        try
        {
            foreach (var pair in pairs.Read(Enumerable.Range(0, pairs.Count).Where(number => !done.ContainsKey(number)).ToList(), cancellationToken))
            {
                using (pair)
                    done.Add(pair.Number, Predict(network, pair, report));
                report.WindowDone();
                report.StripDone();
                link.StopRequested.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (link.StopRequested.IsCancellationRequested)
        {
            return new TrainerOutcome(TrainerEnd.Stopped, $"stopped with {done.Count} of {pairs.Count} pairs done");
        }
        Publish([.. done.Values], report.Alive);
        report.End();
        return new TrainerOutcome(TrainerEnd.Succeeded);
    }

    private StoredStrip Predict(PredictionNetwork network, BatchPair pair, PredictionReport report)
    {
        using var scene = new PairScene(_request, network, pair.OpenBefore, pair.OpenAfter, report.Alive);
        using var maps = new MapFiles(_request, scene.Shape, scene.Georeference, network.Legend, _batch.Overlay);
        for (var number = 0; number < scene.Tiling.Strips.Count; number++)
        {
            var (classes, probability) = scene.Predict(number, () =>
            {
                report.Alive();
                link.StopRequested.ThrowIfCancellationRequested();
            });
            // Some rows at a time: a strip of a wide scene may have millions of outlines.
            for (var (at, rows) = (0, RowsAtOnce * scene.Shape.Width); at < classes.Length; at += rows)
            {
                maps.AddClasses(classes.Span[at..Math.Min(at + rows, classes.Length)]);
                report.Alive();
            }
            if (maps.WantsProbability)
                maps.AddProbability(MemoryMarshal.AsBytes(probability.Span));
        }
        maps.Finish();
        byte[]? overlay = null;
        if (_batch.Overlay)
        {
            using var after = scene.OpenAfter();
            overlay = maps.Overlay(after, report.Alive);
        }
        var stored = PairArchive.Put(_store, assignment.Run, assignment.Attempt, pair.Number, pair.Name, maps, overlay);
        CrashPoint.Reach(CrashPoints.StripStored);
        link.Strip(stored);
        CrashPoint.Reach(CrashPoints.StripOffered);
        return stored;
    }

    /// <summary>Pairs of attempts before whose objects are there, whole.</summary>
    private SortedDictionary<int, StoredStrip> Intact(int count, Action alive)
    {
        var intact = new SortedDictionary<int, StoredStrip>();
        foreach (var pair in assignment.Strips)
        {
            if (pair.Strip < count && StripFile.IsIntact(_store, pair))
                intact.Add(pair.Strip, pair);
            else
                link.Event("strip-lost", $"The files of pair {pair.Strip} of attempts before are damaged or gone; they are made again.");
            alive();
        }
        return intact;
    }

    private void Publish(IReadOnlyList<StoredStrip> pairs, Action alive)
    {
        var outputs = new StoredOutputs(assignment, _store, link, alive);
        IReadOnlyList<PairFigures> figures = [];
        outputs.Publish(PredictionOutputs.Maps, target => figures = PairArchive.Unite(_store, pairs, target, alive), []);
        outputs.Publish(PredictionOutputs.Summary, new MemoryStream(PairFigures.Table(figures)), PairFigures.Totals(figures));
    }
}

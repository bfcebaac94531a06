using System.Globalization;
using ChangeDetection.Worker.Data.Batches;
using ChangeDetection.Worker.Training;

namespace ChangeDetection.Worker.Evaluation;

/// <summary>
/// Chooses samples for pictures, spread over a split that is seen once and in order: of each of as many equal stretches as there are pictures,
/// the first sample with change, or the first sample where none has any. At most one picture waits in memory.
/// </summary>
/// <param name="samples">Samples of the split.</param>
/// <param name="pictures">Pictures wanted.</param>
/// <param name="publish">Gets each chosen picture.</param>
public sealed class SamplePictureSelector(int samples, int pictures, Action<SamplePicture> publish)
{
    private long _stretch = -1;
    private SamplePicture? _candidate;
    private bool _candidateHasChange;

    public void Add(Batch batch, ScoredBatch scored)
    {
        for (var i = 0; i < batch.Count && pictures > 0; i++)
            Consider(batch, i, scored);
    }

    /// <summary>Publishes the last stretch's picture.</summary>
    public void Close()
    {
        if (_candidate is { } chosen)
            publish(chosen);
        _candidate = null;
    }

    private void Consider(Batch batch, int index, ScoredBatch scored)
    {
        var position = batch.FirstPosition + index;
        var stretch = (long)position * Math.Min(pictures, samples) / samples;
        if (stretch != _stretch)
        {
            Close();
            _stretch = stretch;
        }
        var hasChange = scored.Images[index].Change.IsDefined("recall");
        if (_candidate is not null && (!hasChange || _candidateHasChange))
            return;
        _candidate = SamplePicture.Draw(position.ToString("D6", CultureInfo.InvariantCulture), batch, index, scored);
        _candidateHasChange = hasChange;
    }
}

using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Masks;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;

namespace ChangeDetection.Datasets.Verification;

/// <summary>Checks that the fields of a sample are there and fit each other, and, when it decodes them, that the masks are those that were counted.</summary>
internal sealed class SampleVerification(ShardDataset dataset, ShardManifest shard, bool deep, Action<DatasetDamage> found)
{
    private const string PackAgain = "Pack the data set again.";
    /// <summary>Fractions are quotients of whole numbers, written with 17 digits.</summary>
    private const double Rounding = 1e-12;
    private readonly bool _unlabelled = dataset.Manifest.Splits.Values.Any(split => split.Unlabelled && split.Shards.Contains(shard));
    private readonly Dictionary<string, ImageShape> _shapes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _buffers = new(StringComparer.Ordinal);
    private readonly SampleBits? _changedSamples = shard.ChangedSamples is { } bits ? SampleBits.Parse(bits, shard.Samples) : null;
    private readonly MaskReader _masks = MaskReader.Of(dataset.Manifest);
    private readonly int _classes = dataset.Manifest.Classes?.Count ?? 2;
    private readonly ValueVerification _values = new(dataset.Manifest, shard);
    private readonly Dictionary<string, PixelImage> _images = new(StringComparer.Ordinal);
    private string _key = "";
    private int _sample;
    private bool _spoilt;
    private bool _anySpoilt;
    private long _changed;
    private long _pixels;

    public void Begin(string key, int sample)
    {
        (_key, _sample, _spoilt) = (key, sample, false);
        _shapes.Clear();
        _images.Clear();
    }

    /// <summary>Looks at a field whose checksum was right.</summary>
    public void Add(ShardField field, ReadOnlyMemory<byte> bytes)
    {
        if (field.Role is not (SampleFields.Before or SampleFields.After or SampleFields.Mask or SampleFields.Valid))
            return;
        try
        {
            var name = $"{shard.Name}: {_key}.{field.Name}";
            _shapes[field.Role] = ImageCodec.Probe(bytes.Span, name);
            if (deep)
                Decode(field, bytes, name);
        }
        catch (ImageException error)
        {
            Spoil();
            found(new(shard.Name, $"holds an image that cannot be read: {error.Message.TrimEnd('.')}", PackAgain));
        }
    }

    /// <summary>A field of the sample is damaged and was reported: that the rest does not fit would be no news.</summary>
    public void Spoil() => (_spoilt, _anySpoilt) = (true, true);

    public void End()
    {
        if (!_spoilt && (Misfit() ?? (deep ? _values.Problem(_images) : null)) is { } problem)
        {
            Spoil();
            found(new(shard.Name, $"holds the sample {_key}, which {problem}", PackAgain));
        }
        else if (!_spoilt && _images.TryGetValue(SampleFields.Mask, out var mask))
            Measure(mask, _images.GetValueOrDefault(SampleFields.Valid));
    }

    public void CheckChangeFraction()
    {
        if (!deep || _anySpoilt || _pixels == 0 || Math.Abs((double)_changed / _pixels - shard.ChangeFraction) <= Rounding)
            return;
        found(new(
            shard.Name,
            string.Create(CultureInfo.InvariantCulture, $"has the change fraction {(double)_changed / _pixels} instead of {shard.ChangeFraction}"),
            PackAgain));
    }

    private void Decode(ShardField field, ReadOnlyMemory<byte> bytes, string name)
    {
        var reuse = _buffers.GetValueOrDefault(field.Role);
        var image = field.Role == SampleFields.Mask ? _masks.Read(bytes, name, reuse: reuse) : ImageCodec.Decode(bytes, name, reuse: reuse);
        _buffers[field.Role] = image.Pixels;
        _images[field.Role] = image;
    }

    /// <param name="valid">0 for pixels that are none, which have no label whatever stands there; null where none is missing.</param>
    private void Measure(PixelImage image, PixelImage? valid)
    {
        var mask = image.Bytes;
        foreach (var value in mask)
        {
            if (value >= _classes && value != MaskReader.Ignored)
            {
                found(new(shard.Name, $"holds the sample {_key}, whose mask has the value {value}, and there are {_classes} classes", PackAgain));
                break;
            }
        }
        var (labelled, changed) = (0L, 0L);
        for (var at = 0; at < mask.Length; at++)
        {
            if (mask[at] != MaskReader.Ignored && valid?.Pixels[at] != 0)
                (labelled, changed) = (labelled + 1, changed + (mask[at] != 0 ? 1 : 0));
        }
        (_changed, _pixels) = (_changed + changed, _pixels + labelled);
        if (_changedSamples is { } bits && bits[_sample] != changed > 0)
            found(new(
                shard.Name,
                $"holds the sample {_key}, whose mask has {changed} changed pixels, which is not what dataset.json says of it under changed_samples",
                PackAgain));
    }

    private string? Misfit()
    {
        foreach (var role in new[] { SampleFields.Before, SampleFields.After, SampleFields.Mask })
        {
            if (!_shapes.ContainsKey(role) && !(_unlabelled && role == SampleFields.Mask))
                return $"has no field '{dataset.Fields.Pairs.Single(pair => pair.Role == role).Name}'";
        }
        var (before, after) = (_shapes[SampleFields.Before], _shapes[SampleFields.After]);
        if (before != after)
            return $"is {before} before and {after} after";
        if (before.Channels != dataset.Manifest.Channels)
            return $"has {before.Channels} channels instead of {dataset.Manifest.Channels}";
        foreach (var role in (string[])[SampleFields.Mask, SampleFields.Valid])
        {
            if (_shapes.TryGetValue(role, out var plane) && (plane.Width, plane.Height) != (before.Width, before.Height))
                return $"has a field '{role}' of {plane} for images of {before}";
        }
        return null;
    }
}

using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Order;
using ChangeDetection.Worker.Data.Pixels;
using ChangeDetection.Worker.Data.Samples.Decoded;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>One sample on its way from the shard to the decoder: its encoded fields, in a range of the ring.</summary>
internal sealed class EncodedSample : LoadedSample
{
    private readonly ByteRing.Range _range;
    private readonly IShardBytes _source;
    private readonly SampleFormat _format;
    private readonly SampleFieldSet _fields;
    private readonly long _offset;
    private readonly Lazy<SampleOrigin?> _origin;
    private DecodedPlanes? _decoded;

    private EncodedSample(SampleRef place, OpenShard shard, SampleFormat format, SampleFieldSet fields, ByteRing.Range range)
        : base(place, shard.Index.Shard, shard.Index.Key(place.Sample))
    {
        (_source, _format, _fields, _offset, _range) = (shard.Bytes, format, fields, fields.Offset, range);
        _origin = new(FindOrigin);
    }

    public override bool IsDecoded => false;

    public override bool HasMissingPixels => _fields.Valid is not null;

    public override SampleOrigin? Origin => _origin.Value;

    /// <summary>Rents the room for a sample; waits while the ring is full.</summary>
    /// <exception cref="ShardCorruptException">The sample lacks a field.</exception>
    /// <exception cref="SampleRejectedException">The sample is larger than the whole ring.</exception>
    public static async ValueTask<EncodedSample> RentAsync(
        SampleRef place, OpenShard shard, SampleFormat format, ByteRing ring, CancellationToken cancellationToken)
    {
        var index = shard.Index;
        var fields = SampleFieldSet.Of(index, place.Sample, format.MayLackPixels);
        if (fields.Length > ring.Capacity)
        {
            var need = (fields.Length >> 20) + 1;
            throw new SampleRejectedException(index.Shard, index.Key(place.Sample),
                string.Create(CultureInfo.InvariantCulture, $"has {fields.Length} bytes, more than may be read ahead"),
                string.Create(CultureInfo.InvariantCulture, $"Set loader.read_ahead_mb to {need} or more, or pack smaller tiles."));
        }
        return new EncodedSample(place, shard, format, fields, await ring.RentAsync((int)fields.Length, cancellationToken));
    }

    /// <summary>Reads the sample with one ranged read, and verifies every field of it.</summary>
    /// <exception cref="ShardCorruptException">The shard is gone or shorter, or a field is not what was packed.</exception>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _source.ReadAsync(_offset, _range.Memory, Verify, cancellationToken);
        }
        catch (ObjectNotFoundException exception)
        {
            throw new ShardCorruptException(Shard, $"is gone; sample '{Key}' was to be read from it", ShardCorruptException.CopyAgain, exception);
        }
    }

    private void Verify(int read)
    {
        if (read < _range.Memory.Length)
            throw new ShardCorruptException(Shard, $"ends inside the sample '{Key}'", ShardCorruptException.CopyAgain);
        foreach (var field in _fields.All)
            field.Verify(Of(field).Span, Shard, Key);
    }

    public override ImageShape CheckedShape(int channels)
    {
        var before = Probe(_fields.Before);
        if (before.Channels != channels)
            throw Unequal($"has {before.Channels} channels in {_fields.Before.Name}, but the data set says {channels}");
        ExpectSize(before, _fields.After, Probe(_fields.After));
        ExpectSize(before, _fields.Mask, Probe(_fields.Mask));
        if (_fields.Valid is { } valid)
            ExpectValid(before, valid, Probe(valid));
        return before;
    }

    public override ImageShape Decode(PlaneBuffers buffers, DecodedSplit? cache)
    {
        try
        {
            var before = Decode(_fields.Before, DecodedPlane.Before, buffers);
            var after = Decode(_fields.After, DecodedPlane.After, buffers);
            var mask = _format.Masks.Read(Of(_fields.Mask), NameOf(_fields.Mask), reuse: buffers.Of(DecodedPlane.Mask));
            buffers.Of(DecodedPlane.Mask) = mask.Pixels;
            var valid = _fields.Valid is { } field ? Decode(field, DecodedPlane.Valid, buffers) : null;
            if (valid is not null)
                MissingPixels.Ignore(mask, valid);
            _decoded = new DecodedPlanes(before, after, mask, valid);
        }
        catch (ImageException exception)
        {
            throw Undecodable(exception);
        }
        cache?.Record(Place, Key, Origin, _decoded);
        return _decoded.Before.Shape;
    }

    /// <summary>The whole plane: all of it is decoded.</summary>
    public override PixelImage? Read(DecodedPlane plane, int top, int height, PlaneBuffers buffers, out int firstRow)
    {
        firstRow = 0;
        return (_decoded ?? throw new InvalidOperationException("The sample was not decoded yet."))[plane];
    }

    public override void Dispose() => _range.Dispose();

    private SampleOrigin? FindOrigin()
    {
        if (_fields.Origin is not { } field)
            return null;
        // Another program may have written anything there.
        if (!SampleOrigin.TryParse(Of(field), Probe(_fields.Before), out var origin) && _format.IsPacked)
            throw new ShardCorruptException(Shard, $"holds a sample '{Key}' whose field {field.Name} does not say which part of an image it is",
                "Pack the data set again: without it overlapping tiles would be scored twice.");
        return origin;
    }

    private PixelImage Decode(ShardField field, DecodedPlane plane, PlaneBuffers buffers)
    {
        var image = ImageCodec.Decode(Of(field), NameOf(field), reuse: buffers.Of(plane));
        buffers.Of(plane) = image.Pixels;
        return image;
    }

    /// <summary>The encoded bytes of one field.</summary>
    private ReadOnlyMemory<byte> Of(ShardField field) => _range.Memory.Slice((int)(field.Offset - _offset), field.Length);

    /// <summary>What errors call a field.</summary>
    private string NameOf(ShardField field) => $"{Shard}: {Key}.{field.Name}";

    /// <summary>Size and type of a field's image, from its header.</summary>
    /// <exception cref="ShardCorruptException">The header cannot be read, or declares more than an image may have.</exception>
    private ImageShape Probe(ShardField field)
    {
        try
        {
            return ImageCodec.Probe(Of(field).Span, NameOf(field));
        }
        catch (ImageException exception)
        {
            throw Undecodable(exception);
        }
    }

    /// <summary>The bytes are those that were packed, so a copy would not help.</summary>
    private ShardCorruptException Undecodable(ImageException exception)
        => new(Shard, $"holds a sample '{Key}' that cannot be decoded: {exception.Message.TrimEnd('.')}",
            "Mend the source image and pack the data set again.", exception);

    private void ExpectSize(ImageShape before, ShardField field, ImageShape shape)
    {
        if ((shape.Width, shape.Height) != (before.Width, before.Height))
            throw Unequal($"is {before.Width}x{before.Height} in {_fields.Before.Name}, but {shape.Width}x{shape.Height} in {field.Name}");
        if (field.Role == SampleFields.After && shape.Channels != before.Channels)
            throw Unequal($"has {before.Channels} channels in {_fields.Before.Name}, but {shape.Channels} in {field.Name}");
    }

    private void ExpectValid(ImageShape before, ShardField field, ImageShape shape)
    {
        ExpectSize(before, field, shape);
        if (shape is not { Channels: 1, Type: PixelType.UInt8 })
            throw Unequal($"has {shape.Channels} channels of {shape.Type} in {field.Name}, where one of 8 bits says which pixels are there");
    }

    private SampleRejectedException Unequal(string problem) =>
        new(Shard, Key, problem, "Make the images of the sample agree and pack the data set again.");
}

using System.Globalization;
using ChangeDetection.Core.Configuration;
using ChangeDetection.Core.Storage;
using ChangeDetection.Datasets.Shards;
using ChangeDetection.Imaging.Codecs;
using ChangeDetection.Imaging.Pixels;
using ChangeDetection.Worker.Data.Order;
using ChangeDetection.Worker.Data.Samples.Decoded;
using ChangeDetection.Worker.Data.Shards;

namespace ChangeDetection.Worker.Data.Samples;

/// <summary>One sample on its way from the shard to the decoder: its encoded fields, in a range of the ring.</summary>
internal sealed class EncodedSample : LoadedSample
{
    private readonly ByteRing.Range _range;
    private readonly IShardBytes _source;
    private readonly long _offset;
    private (PixelImage Before, PixelImage After, PixelImage Mask) _decoded;

    private EncodedSample(SampleRef place, OpenShard shard, Fields fields, ByteRing.Range range)
        : base(place, shard.Index.Shard, shard.Index.Key(place.Sample))
    {
        (_source, _range) = (shard.Bytes, range);
        (Before, After, Mask, _offset) = (fields.Before, fields.After, fields.Mask, fields.Offset);
    }

    private ShardField Before { get; }
    private ShardField After { get; }
    private ShardField Mask { get; }

    public override bool IsDecoded => false;

    /// <summary>Rents the room for a sample; waits while the ring is full.</summary>
    /// <exception cref="ShardCorruptException">The sample lacks a field.</exception>
    /// <exception cref="SampleRejectedException">The sample is larger than the whole ring.</exception>
    public static async ValueTask<EncodedSample> RentAsync(SampleRef place, OpenShard shard, ByteRing ring, CancellationToken cancellationToken)
    {
        var index = shard.Index;
        var fields = Fields.Of(index, place.Sample);
        if (fields.Length > ring.Capacity)
        {
            var need = (fields.Length >> 20) + 1;
            throw new SampleRejectedException(index.Shard, index.Key(place.Sample),
                string.Create(CultureInfo.InvariantCulture, $"has {fields.Length} bytes, more than may be read ahead"),
                string.Create(CultureInfo.InvariantCulture, $"Set loader.read_ahead_mb to {need} or more, or pack smaller tiles."));
        }
        return new EncodedSample(place, shard, fields, await ring.RentAsync((int)fields.Length, cancellationToken));
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
        foreach (var field in (ReadOnlySpan<ShardField>)[Before, After, Mask])
            field.Verify(Of(field).Span, Shard, Key);
    }

    public override ImageShape CheckedShape(int channels)
    {
        var before = Probe(Before);
        if (before.Channels != channels)
            throw Unequal($"has {before.Channels} channels in {Before.Name}, but the data set says {channels}");
        ExpectSize(before, After, Probe(After));
        ExpectSize(before, Mask, Probe(Mask));
        return before;
    }

    public override ImageShape Decode(PlaneBuffers buffers, DecodedSplit? cache)
    {
        try
        {
            var before = ImageCodec.Decode(Of(Before), NameOf(Before), reuse: buffers.Of(DecodedPlane.Before));
            buffers.Of(DecodedPlane.Before) = before.Pixels;
            var after = ImageCodec.Decode(Of(After), NameOf(After), reuse: buffers.Of(DecodedPlane.After));
            buffers.Of(DecodedPlane.After) = after.Pixels;
            var mask = ImageCodec.DecodeMask(Of(Mask), NameOf(Mask), reuse: buffers.Of(DecodedPlane.Mask));
            buffers.Of(DecodedPlane.Mask) = mask.Pixels;
            _decoded = (before, after, mask);
        }
        catch (ImageException exception)
        {
            throw Undecodable(exception);
        }
        cache?.Record(Place, Key, _decoded.Before, _decoded.After, _decoded.Mask);
        return _decoded.Before.Shape;
    }

    /// <summary>The whole plane: all of it is decoded.</summary>
    public override PixelImage? Read(DecodedPlane plane, int top, int height, PlaneBuffers buffers, out int firstRow)
    {
        firstRow = 0;
        return plane switch
        {
            DecodedPlane.Before => _decoded.Before,
            DecodedPlane.After => _decoded.After,
            _ => _decoded.Mask,
        };
    }

    public override void Dispose() => _range.Dispose();

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
            throw Unequal($"is {before.Width}x{before.Height} in {Before.Name}, but {shape.Width}x{shape.Height} in {field.Name}");
        if (field.Role == SampleFields.After && shape.Channels != before.Channels)
            throw Unequal($"has {before.Channels} channels in {Before.Name}, but {shape.Channels} in {field.Name}");
    }

    private SampleRejectedException Unequal(string problem) =>
        new(Shard, Key, problem, "Make the three images of the sample agree and pack the data set again.");

    /// <summary>Where the three fields lie, and the range of the shard that covers them.</summary>
    private readonly record struct Fields(ShardField Before, ShardField After, ShardField Mask)
    {
        public long Offset => Math.Min(Before.Offset, Math.Min(After.Offset, Mask.Offset));
        public long Length => Math.Max(End(Before), Math.Max(End(After), End(Mask))) - Offset;

        public static Fields Of(ShardIndex index, int sample)
            => new(Find(index, sample, SampleFields.Before), Find(index, sample, SampleFields.After), Find(index, sample, SampleFields.Mask));

        private static long End(ShardField field) => field.Offset + field.Length;

        private static ShardField Find(ShardIndex index, int sample, string role) => index.Find(sample, role)
            ?? throw new ShardCorruptException(index.Shard, $"holds a sample '{index.Key(sample)}' without a field for '{role}'",
                "Each sample needs before, after and mask: pack or index the data set again, or look at dataset.fields where the config has it.");
    }
}

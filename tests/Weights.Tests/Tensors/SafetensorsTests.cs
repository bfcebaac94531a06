using System.Buffers.Binary;
using System.Text;
using ChangeDetection.Core.Checkpoints;
using ChangeDetection.Weights.Tensors;
using CsCheck;

namespace ChangeDetection.Weights.Tests.Tensors;

public sealed class SafetensorsTests
{
    private static readonly Gen<TensorData> s_tensor =
        from name in Gen.String[Gen.Char['a', 'z'], 1, 12]
        from type in Gen.Enum<TensorType>()
        from shape in Gen.Long[0, 4].Array[0, 4]
        from bytes in Gen.Byte.Array[(int)shape.Aggregate((long)type.Size(), (product, side) => product * side)]
        select new TensorData(name, type, shape, bytes);

    [Fact]
    public void Read_WhatWasWritten_IsTheSame() => s_tensor.Array[0, 8].Sample(tensors =>
    {
        var distinct = tensors.DistinctBy(tensor => tensor.Name).ToList();
        var read = Read(Write(distinct));
        Assert.Equal(distinct.Count, read.Count);
        Assert.All(distinct, tensor =>
        {
            Assert.Equal(tensor.Layout, read[tensor.Name].Layout);
            Assert.True(tensor.Bytes.Span.SequenceEqual(read[tensor.Name].Bytes.Span));
        });
    }, iter: 500);

    [Fact]
    public void Write_IsAFunctionOfTheTensorsAlone() => s_tensor.Array[2, 8].Sample(tensors =>
    {
        var distinct = tensors.DistinctBy(tensor => tensor.Name).ToList();
        var bytes = Write(distinct);
        Assert.Equal(bytes, Write([.. Enumerable.Reverse(distinct)]));
        Assert.Equal(bytes.Length, Safetensors.Length(distinct));
    }, iter: 200);

    [Fact]
    public void Read_AnyBytes_IsAFileOrRefused_NeverAnotherError() => Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 200]).Sample((noise, headerLength) =>
    {
        var file = noise;
        if (file.Length >= 8)
            BinaryPrimitives.WriteInt64LittleEndian(file, headerLength);
        try
        {
            Read(file);
        }
        catch (CheckpointInvalidException)
        {
        }
    }, iter: 2000);

    [Fact]
    public void Read_OneByteOfTheHeaderChanged_IsAFileOrRefused()
    {
        var file = Write([new TensorData("a", TensorType.F32, [2], new byte[8]), new TensorData("b", TensorType.I64, [], new byte[8])]);
        var header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        Gen.Select(Gen.Int[0, header - 1], Gen.Byte).Sample((at, value) =>
        {
            var changed = (byte[])file.Clone();
            changed[at] = value;
            try
            {
                Assert.True(Read(changed).Values.Sum(tensor => tensor.Bytes.Length) == 16);
            }
            catch (CheckpointInvalidException)
            {
            }
        }, iter: 2000);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}""", 12, "gaps")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "not the size")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}""", 4, "not the size")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "not the size")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "not the size")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "appended")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "cut short")]
    [InlineData("""{"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", 4, "F31")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "header")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "dimensions")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "header")]
    [InlineData("""[[[[[[[[[[1]]]]]]]]]]""", 0, "header")]
    [InlineData("""{"a":7}""", 0, "header")]
    public void Read_HostileHeader_IsRefusedWithTheRule(string header, int dataLength, string said)
    {
        var error = Assert.Throws<CheckpointInvalidException>(() => Read(File(header, dataLength)));

        Assert.StartsWith("test.safetensors: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(long.MaxValue)]
    [InlineData(1_000_000_000)]
    public void Read_HugeHeader_IsRefusedBeforeMemoryIsTaken(ulong claimed)
    {
        var file = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(file, claimed);

        Assert.Contains("header claims", Assert.Throws<CheckpointInvalidException>(() => Read(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20 })]
    [InlineData(new byte[] { 0x50, 0x4b, 0x03, 0x04, 0, 0, 8, 8, 0, 0, 0, 0 })]
    public void Read_Pickle_IsRefusedByName(byte[] start)
        => Assert.Contains("pickle", Assert.Throws<CheckpointInvalidException>(() => Read([.. start, .. new byte[100]])).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_MetadataOfOtherWriters_IsAccepted()
        => Assert.Single(Read(File("""{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4)));

    private static byte[] File(string header, int dataLength)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + json.Length + dataLength];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        return file;
    }

    private static byte[] Write(IReadOnlyList<TensorData> tensors)
    {
        using var stream = new MemoryStream();
        Safetensors.WriteAsync(stream, tensors, CancellationToken.None).GetAwaiter().GetResult();
        return stream.ToArray();
    }

    private static IReadOnlyDictionary<string, TensorData> Read(byte[] file)
    {
        using var stream = new MemoryStream(file);
        return Safetensors.ReadAsync(stream, file.Length, "test.safetensors", CancellationToken.None).GetAwaiter().GetResult();
    }
}

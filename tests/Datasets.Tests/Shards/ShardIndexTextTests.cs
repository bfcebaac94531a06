using ChangeDetection.Core.Configuration;
using ChangeDetection.Datasets.Shards;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Shards;

public sealed class ShardIndexTextTests
{
    private const string Index = "v1.2 2\nafter.png 512 100 a.after.png json 1536 0 a.json\nafter.png 2048 513 b.after.png\n";
    private const string Sums = "xxh3-64 v1 3\n0000000000000001  a.after.png\n00000000000000ff  a.json\nffffffffffffffff  b.after.png\n";

    [Fact]
    public void Parse_WhatFormatWrote_IsTheSame()
    {
        var index = ShardIndexText.Parse(ShardSamples.Shard(), Index, Sums);
        Assert.Equal(Index, ShardIndexText.FormatIndex(index));
        Assert.Equal(Sums, ShardIndexText.FormatSums(index));
        Assert.Equal(["a", "b"], [index.Key(0), index.Key(1)]);
        Assert.Equal(new ShardField("after.png", 2048, 513, ulong.MaxValue), index.Find(1, SampleFields.After));
        Assert.Null(index.Find(1, SampleFields.Json));
        Assert.Equal((512, 1024), index.Range(0));
    }

    [Theory]
    [InlineData("v1.2 2147483648\n", "line 1 is not 'v1.2 2'")]
    [InlineData("v1.2 -1\n", "line 1")]
    [InlineData("v1.1 2\n", "line 1")]
    [InlineData("", "line 1")]
    [InlineData("v1.2 2", "line 1 has no end")]
    [InlineData("v1.2 2\nafter.png 512 100 a.after.png\n", "line 3 is missing")]
    [InlineData(Index + "after.png 3072 1 c.after.png\n", "more than the 2 samples")]
    [InlineData("v1.2 2\nafter.png 512 100\n", "repetition")]
    [InlineData("v1.2 2\nafter.png -512 100 a.after.png\n", "'-512' where the offset stands")]
    [InlineData("v1.2 2\nafter.png 512 -1 a.after.png\n", "'-1' where the length stands")]
    [InlineData("v1.2 2\nafter.png 99999999999999999999 1 a.after.png\n", "where the offset stands")]
    [InlineData("v1.2 2\nafter.png 512 3000000000 a.after.png\n", "more than a field may have")]
    [InlineData("v1.2 2\nafter.png 0 1 a.after.png\n", "overlaps")]
    [InlineData("v1.2 2\nafter.png 513 1 a.after.png\n", "no block")]
    [InlineData("v1.2 2\nafter.png 512 600 a.after.png json 1536 1 a.json\n", "overlaps")]
    [InlineData("v1.2 2\nafter.png 10240 1 a.after.png\n", "behind the shard's end")]
    [InlineData("v1.2 2\nafter.png 9728 513 a.after.png\n", "behind the shard's end")]
    [InlineData("v1.2 2\nafter.png 512 1 a.after.png after.png 1536 1 a.after.png\n", "")]
    [InlineData("v1.2 2\nafter.png 512 1 a.before.png\n", "gives the field 'after.png'")]
    [InlineData("v1.2 2\nafter.png 512 1 .after.png\n", "without key")]
    [InlineData("v1.2 2\nafter.png 512 1 ../x.after.png\n", "which")]
    [InlineData("v1.2 2\nafter.png 512 1 /etc/x.after.png\n", "which")]
    [InlineData("v1.2 2\nafter.png 512 100 a.after.png\nafter.png 2048 5 a.after.png\n", "")]
    public void Parse_AnIndexThatBreaksARule_NamesFileAndRule(string index, string rule)
    {
        var error = Assert.Throws<ShardCorruptException>(() => ShardIndexText.Parse(ShardSamples.Shard(), index, Sums));
        Assert.Contains(rule, error.Message);
        Assert.Matches(@"^train-000000\.(idx|sum) is damaged: line \d+ ", error.Message);
    }

    [Theory]
    [InlineData("xxh3-64 v1 2\n0000000000000001  a.after.png\n00000000000000ff  a.json\n", "counts fewer fields")]
    [InlineData("xxh3-64 v1 4\n0000000000000001  a.after.png\n00000000000000ff  a.json\nffffffffffffffff  b.after.png\n", "does not have")]
    [InlineData(Sums + "0000000000000001  c.json\n", "does not have")]
    [InlineData("xxh3-64 v1 3\n000000000000000g  a.after.png\n", "not hexadecimal")]
    [InlineData("xxh3-64 v1 3\n0000000000000001  a.json\n", "is not the checksum of a.after.png")]
    [InlineData("xxh3-64 v1 -3\n", "line 1")]
    public void Parse_SumsThatBreakARule_NamesFileAndRule(string sums, string rule)
    {
        var error = Assert.Throws<ShardCorruptException>(() => ShardIndexText.Parse(ShardSamples.Shard(), Index, sums));
        Assert.Contains(rule, error.Message);
        Assert.Equal("train-000000.sum", error.File);
    }

    [Fact]
    public void Parse_AnyDamage_IsReadOrRefusedWithTheTypedError() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 100], Gen.Int[0, 8], Gen.Char["0129-v. \nab\0\uFFFD/"].Array[0, 6]).Sample((inIndex, at, cut, insert) =>
        {
            var text = inIndex ? Index : Sums;
            at = Math.Min(at, text.Length);
            var damaged = text.Remove(at, Math.Min(cut, text.Length - at)).Insert(at, new string(insert));
            try
            {
                ShardIndexText.Parse(ShardSamples.Shard(), inIndex ? damaged : Index, inIndex ? Sums : damaged);
            }
            catch (ShardCorruptException)
            {
            }
        }, iter: 20_000);
}

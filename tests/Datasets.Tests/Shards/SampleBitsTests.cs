using ChangeDetection.Datasets.Shards;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Shards;

public sealed class SampleBitsTests
{
    [Fact]
    public void Parse_WhatWasWritten_KnowsEverySampleAgain() => Gen.Bool.Array[0, 200].Sample(samples =>
    {
        var bits = SampleBits.Parse(SampleBits.Of(samples).ToString(), samples.Length)!;
        var members = Enumerable.Range(0, samples.Length).Where(sample => samples[sample]).ToList();
        Assert.Equal(samples, Enumerable.Range(0, samples.Length).Select(sample => bits[sample]));
        Assert.Equal(members.Count, bits.Set);
        Assert.Equal(members, Enumerable.Range(0, bits.Set).Select(bits.Select));
        Assert.Equal(samples.Length - members.Count, bits.Complement().Set);
        Assert.Throws<ArgumentOutOfRangeException>(() => bits.Select(bits.Set));
    }, iter: 500, seed: "0N0XIzNsQ0O2");

    [Theory]
    [InlineData("AQ==", 9)]
    [InlineData("AQEB", 16)]
    [InlineData("!!==", 8)]
    [InlineData("/w==", 7)]
    [InlineData("", 8)]
    [InlineData("AQ==", int.MaxValue)]
    public void Parse_TextOfOtherSamples_IsRefused(string text, int count) => Assert.Null(SampleBits.Parse(text, count));
}

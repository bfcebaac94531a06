using System.Text;
using ChangeDetection.Datasets.Shards;
using CsCheck;

namespace ChangeDetection.Datasets.Tests.Shards;

public sealed class DatasetManifestFileTests
{
    private static readonly string s_sound = Encoding.UTF8.GetString(DatasetManifestFile.Format(ShardSamples.Manifest()));

    [Fact]
    public void Parse_WhatFormatWrote_FormatsToTheSameBytes()
    {
        var manifest = DatasetManifestFile.Parse(Encoding.UTF8.GetBytes(s_sound));
        Assert.Equal(s_sound, Encoding.UTF8.GetString(DatasetManifestFile.Format(manifest)));
        Assert.Equal(ShardSamples.Shard(), manifest.Splits["train"].Shards[0]);
    }

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 3", "version 3 is not known")]
    [InlineData("\"made-up\"", "\"../x\"", "the name '../x'")]
    [InlineData("\"made-up\"", "null", "name")]
    [InlineData("\"channels\": 1", "\"channels\": 0", "channels is 0")]
    [InlineData("\"channels\": 1", "\"channels\": 2147483647", "channels is")]
    [InlineData("\"channels\": 1", "\"channels\": 1, \"channels\": 1", "cannot be read")]
    [InlineData("\"channels\": 1", "\"channels\": 2", "1 means and 1 deviations for 2 channels")]
    [InlineData("\"train\": {", "\"../train\": {", "the split '../train'")]
    [InlineData("train-000000.tar", "../../etc/passwd.tar", "the shard '../../etc/passwd.tar'")]
    [InlineData("train-000000.tar", "/etc/passwd.tar", "the shard '/etc/passwd.tar'")]
    [InlineData("train-000000.tar", "train.zip", "not named NAME.tar")]
    [InlineData("\"samples\": 2,\n          \"change", "\"samples\": 2147483648,\n          \"change", "cannot be read")]
    [InlineData("\"samples\": 2,\n          \"change", "\"samples\": 2147483647,\n          \"change", "cannot hold 2147483647 samples")]
    [InlineData("\"samples\": 2,\n          \"change", "\"samples\": -1,\n          \"change", "cannot hold -1 samples")]
    [InlineData("\"samples\": 2,\n          \"change", "\"samples\": 3,\n          \"change", "has 2 samples, but its shards have 3")]
    [InlineData("\"bytes\": 10240,\n          \"sha", "\"bytes\": 9223372036854775807,\n          \"sha", "has 9223372036854775807 bytes, not")]
    [InlineData("\"bytes\": 10240,\n          \"sha", "\"bytes\": 0,\n          \"sha", "has 0 bytes, not")]
    [InlineData("aaaaa", "AAAAA", "hexadecimal")]
    [InlineData("aaaaa", "aaaa", "hexadecimal")]
    [InlineData("0.25", "1.5", "change fraction outside")]
    [InlineData("0.25", "1e999", "")]
    [InlineData("0.25", "NaN", "cannot be read")]
    [InlineData("0.25", "\"0.25\"", "cannot be read")]
    [InlineData("\"index_sha256\"", "\"changed_samples\": \"AQEB\", \"index_sha256\"", "changed_samples that are not one bit for each of its 2 samples")]
    [InlineData("\"index_sha256\"", "\"changed_samples\": \"/w==\", \"index_sha256\"", "changed_samples that are not")]
    [InlineData("20", "0", "deviation that is not above 0")]
    [InlineData("20", "-1", "deviation that is not above 0")]
    [InlineData("\"provenance\"", "\"origin\"", "cannot be read")]
    [InlineData("\"provenance\"", "\"bands\": [\"B04\", \"B03\"], \"provenance\"", "bands has not one name")]
    [InlineData("\"provenance\"", "\"mask_change\": \"red\", \"provenance\"", "mask_change is 'red'")]
    [InlineData("\"provenance\"", "\"classes\": [], \"provenance\"", "there are 0 classes")]
    [InlineData("\"provenance\"", "\"classes\": [null, null], \"provenance\"", "a class is null")]
    [InlineData("\"provenance\"", "\"classes\": [{\"name\": \"a\", \"values\": \"0\"}, {\"name\": \"../b\", \"values\": \"x\"}], \"provenance\"",
        "the class '../b'")]
    [InlineData("\"provenance\"", "\"classes\": [{\"name\": \"a\", \"values\": \"0\"}, {\"name\": \"A\", \"values\": \"1\"}], \"provenance\"",
        "two classes have one name")]
    [InlineData("\"change_fraction\": 0.25\n    }", "\"change_fraction\": 0.25, \"class_fractions\": [0.5, 0.5]}", "")]
    public void Parse_AManifestThatBreaksARule_NamesIt(string old, string now, string rule)
    {
        Assert.Contains(old, s_sound);
        var error = Assert.Throws<ShardCorruptException>(() => DatasetManifestFile.Parse(Encoding.UTF8.GetBytes(s_sound.Replace(old, now))));
        Assert.StartsWith("dataset.json ", error.Message);
        Assert.Contains(rule, error.Message);
    }

    [Fact]
    public void Parse_AnyFlippedBit_IsRefusedOrChangesNothing()
    {
        var sound = Encoding.UTF8.GetBytes(s_sound);
        for (var bit = 0; bit < sound.Length * 8; bit++)
        {
            var bytes = (byte[])sound.Clone();
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            try
            {
                // What is read in spite of it (white space, the name of the hash itself) says the same.
                Assert.Equal(s_sound, Encoding.UTF8.GetString(DatasetManifestFile.Format(DatasetManifestFile.Parse(bytes))));
            }
            catch (ShardCorruptException error)
            {
                Assert.Equal("dataset.json", error.File);
            }
        }
    }

    [Fact]
    public void Parse_AChangedStatistic_IsFoundByTheManifestsOwnHash()
    {
        var error = Assert.Throws<ShardCorruptException>(() => DatasetManifestFile.Parse(Encoding.UTF8.GetBytes(s_sound.Replace("100", "101"))));
        Assert.Contains("changed or damaged", error.Message);
    }

    [Fact]
    public void Parse_AManifestWithoutAHash_AsOtherProgramsWriteIt_IsRead()
    {
        var text = System.Text.RegularExpressions.Regex.Replace(s_sound, ",\\s*\"sha256\": \"[0-9a-f]{64}\"\\s*}\\s*$", "}");
        Assert.NotEqual(s_sound, text);
        Assert.Equal(s_sound, Encoding.UTF8.GetString(DatasetManifestFile.Format(DatasetManifestFile.Parse(Encoding.UTF8.GetBytes(text)))));
    }

    [Theory]
    [InlineData("\"splits\": {", "\"splits\": { \"x\": null,")]
    [InlineData("\"shards\": [", "\"shards\": [null,")]
    public void Parse_NullAmongSplitsOrShards_IsRefused(string old, string now) =>
        Assert.Contains(
            "is null",
            Assert.Throws<ShardCorruptException>(() => DatasetManifestFile.Parse(Encoding.UTF8.GetBytes(s_sound.Replace(old, now)))).Message);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void Parse_NoManifest_IsRefused(string text) =>
        Assert.Throws<ShardCorruptException>(() => DatasetManifestFile.Parse(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Parse_DeepNesting_IsRefusedAndDoesNotOverflow() =>
        Assert.Throws<ShardCorruptException>(() => DatasetManifestFile.Parse(Encoding.UTF8.GetBytes(new string('[', 100_000))));

    [Fact]
    public void Parse_MoreThanTheLimit_IsRefused() =>
        Assert.Contains("larger", Assert.Throws<ShardCorruptException>(() => DatasetManifestFile.Parse(new byte[DatasetManifestFile.MaxBytes + 1])).Message);

    [Fact]
    public void Parse_ShardNamesThatDifferByCaseAlone_AreRefused()
    {
        var twice = new SplitManifest
        {
            Shards = [ShardSamples.Shard() with { Name = "TRAIN-000000.tar" }, ShardSamples.Shard()],
            Samples = 4,
            Bytes = 20480,
            ChangeFraction = 0.25,
        };
        Assert.Contains("2 times", Assert.Throws<ShardCorruptException>(() => DatasetManifestFile.Format(ShardSamples.Manifest("train", twice))).Message);
    }

    [Fact]
    public void Parse_AnyDamage_IsReadOrRefusedWithTheTypedError() =>
        Gen.Select(Gen.Int[0, s_sound.Length], Gen.Int[0, 12], Gen.Byte.Array[0, 6]).Sample((at, cut, insert) =>
        {
            var bytes = Encoding.UTF8.GetBytes(s_sound).ToList();
            bytes.RemoveRange(at, Math.Min(cut, bytes.Count - at));
            bytes.InsertRange(at, insert);
            try
            {
                DatasetManifestFile.Parse(bytes.ToArray());
            }
            catch (ShardCorruptException)
            {
            }
        }, iter: 10_000);

    [Fact]
    public void Parse_AnyJsonInPlaceOfAValue_IsReadOrRefusedWithTheTypedError() =>
        Gen.Select(
            OneOf("\"made-up\"", "10240", "2", "0.25", "\"train\"", "1", "[", "{", "100"),
            OneOf("null", "[]", "{}", "-1", "1e400", "\"\"", "true", "[null]", "{\"a\":null}", "[[", "18446744073709551616"))
            .Sample((old, now) =>
            {
                try
                {
                    DatasetManifestFile.Parse(Encoding.UTF8.GetBytes(s_sound.Replace(old, now)));
                }
                catch (ShardCorruptException)
                {
                }
            }, iter: 200);

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(text => texts[text]);
}

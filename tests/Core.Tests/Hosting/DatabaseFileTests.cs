using System.Text;
using ChangeDetection.Core.Hosting;
using ChangeDetection.TestKit;
using CsCheck;
using Microsoft.Extensions.Configuration;

namespace ChangeDetection.Core.Tests.Hosting;

/// <summary>A connection string in a file is one in the variable: the same precedence, and never a word of it in a message.</summary>
public sealed class DatabaseFileTests : IDisposable
{
    private const string Secret = "Host=db;Username=u;Password=canary-7f3a";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n\n ")]
    public void File_HoldsTheConnectionString_WhateverLineEndFollows(string end) =>
        Assert.Equal(Secret, Read(null, new() { ["Database_File"] = _folder.Write("database", Secret + end) }).Database);

    [Fact]
    public void File_OfAnEditorThatWritesAByteOrderMark_IsReadWithoutIt()
    {
        File.WriteAllText(_folder["database"], Secret, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.Equal(Secret, Read(null, new() { ["Database_File"] = _folder["database"] }).Database);
    }

    /// <summary>Any text that a connection string may be, whatever white space an editor leaves around it.</summary>
    [Fact]
    public void File_OfAnyLine_IsThatLine() => Gen.Select(
        Gen.OneOf<string>("", " ", "\n", "\t\n"), Gen.Char.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)).Array[1, 200],
        Gen.OneOf<string>("", "\n", "\r\n", "  \n\n")).Sample((before, letters, after) =>
    {
        var line = $"H{new string(letters)}=".Trim();
        Assert.Equal(line, SecretFile.Read("X", _folder.Write("any", before + line + after)));
    }, iter: 200, threads: 1);

    [Fact]
    public void Environment_GoesBeforeTheFileBesideTheProgram_WhicheverOfThemNamesAFile()
    {
        var path = _folder.Write("database", Secret);
        Assert.Equal(Secret, Read(null, new() { ["Database_File"] = path }, new() { ["Database"] = "Host=other" }).Database);
        Assert.Equal("Host=other", Read(null, new() { ["Database"] = "Host=other" }, new() { ["Database_File"] = "/nowhere" }).Database);
        Assert.Equal(Secret, Read(null, new() { ["Database"] = " " }, new() { ["Database_File"] = path }).Database);
    }

    [Fact]
    public void Option_NamesALocalSystem_SoNoFileIsReadAndNoStoreOfItsSourceTaken()
    {
        var settings = Read("/data/chosen", new() { ["Database_File"] = "/nowhere", ["Store"] = "s3://bucket/store" });
        Assert.Equal((null, null), (settings.Database, settings.NamedStore));
    }

    [Fact]
    public void Store_BesideAFileOfTheSameDatabase_GoesWithIt_AndBesideAnotherDoesNot()
    {
        var path = _folder.Write("database", Secret);
        var file = new Dictionary<string, string?> { ["Database_File"] = path, ["Store"] = "s3://file/store" };
        Assert.Equal(new Uri("s3://file/store"), Read(null, new() { ["Database"] = Secret }, file).NamedStore);
        Assert.Null(Read(null, new() { ["Database"] = "Host=other" }, file).NamedStore);
    }

    [Fact]
    public void Both_InOneSource_AreRefusedByName()
    {
        var error = Assert.Throws<SettingsException>(() => Read(null, new() { ["Database"] = Secret, ["Database_File"] = _folder.Write("database", Secret) }));
        Assert.Contains("CHANGEDETECTION_DATABASE and CHANGEDETECTION_DATABASE_FILE are both set", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" \n\n", "is empty")]
    [InlineData(Secret + "\nPort=1", "more than one line")]
    [InlineData(Secret + "\0", "control character")]
    public void File_ThatIsNotOneLineOfText_IsRefusedWithoutRepeatingIt(string content, string problem) =>
        Refused(_folder.Write("database", content), problem);

    [Fact]
    public void File_ThatIsNoText_IsRefused()
    {
        File.WriteAllBytes(_folder["database"], [0x48, 0xFF, 0xFE, 0x00]);
        Refused(_folder["database"], "no text in UTF-8");
    }

    [Fact]
    public void File_OfAnotherKind_IsRefusedByItsSize() => Refused(_folder.Write("database", new string('x', 70_000)), "larger than 64 KiB");

    [Fact]
    public void File_ThatIsMissing_IsRefused() => Refused(_folder["none"], "does not exist");

    /// <summary>Where a container's secret has no file on the host, some platforms make a folder of it.</summary>
    [Fact]
    public void File_ThatIsAFolder_IsRefused() => Refused(Directory.CreateDirectory(_folder["made"]).FullName, "is a folder");

    [Fact]
    public void File_ByARelativePath_IsRefused() => Refused("secrets/database", "no absolute path");

    private static void Refused(string path, string problem)
    {
        var error = Assert.Throws<SettingsException>(() => Read(null, new() { ["Database_File"] = path }));
        Assert.StartsWith($"CHANGEDETECTION_DATABASE_FILE: '{path}' ", error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.Message, StringComparison.Ordinal);
    }

    private static SystemSettings Read(string? option, Dictionary<string, string?> environment, Dictionary<string, string?>? file = null) =>
        SystemSettings.Read(option, Configuration(environment), Configuration(file ?? []));

    private static IConfigurationRoot Configuration(Dictionary<string, string?> values) => new ConfigurationBuilder().AddInMemoryCollection(values).Build();
}

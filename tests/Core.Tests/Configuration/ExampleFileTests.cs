using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChangeDetection.Core.Configuration;
using ChangeDetection.TestKit;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ExampleFileTests
{
    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)!)];

    private static string Folder => Path.Combine(Repository.Root, "deploy", "examples");

    [Theory]
    [MemberData(nameof(Files))]
    public void ReadFile_ShippedExample_IsValid_AndReadsTheDataBesideItsCopy(string file)
    {
        using var elsewhere = new TemporaryFolder();
        File.Copy(Path.Combine(Folder, file), elsewhere[file]);
        var config = ExperimentConfigReader.ReadFile(elsewhere[file]);

        Assert.StartsWith(elsewhere["data"], config.Dataset.Uri.LocalPath, StringComparison.Ordinal);
        var schema = JsonNode.Parse(ExperimentSchema.Json)!.AsObject();
        Assert.Null(SchemaCheck.Violation(schema, JsonNode.Parse(ExperimentJson.Serialize(config))));
    }

    /// <summary>People choose from its comments.</summary>
    [Fact]
    public void Template_NamesAllThatAConfigCanChooseFrom()
    {
        var words = Regex.Split(File.ReadAllText(Path.Combine(Folder, "own-images.yaml")), "[^a-z0-9-]+").ToHashSet();

        Assert.Empty(((string[])[.. ModelNames.All, .. LossNames.All, .. OptimizerNames.All, .. ScheduleNames.All]).Except(words));
    }

    [Fact]
    public void ReadFile_Template_WritesTheDefaults()
    {
        var template = ExperimentConfigReader.ReadFile(Path.Combine(Folder, "own-images.yaml"));

        // The crop is the one value that a template for unknown images must choose.
        var defaults = new ExperimentConfig { Name = template.Name, Dataset = new() { Uri = template.Dataset.Uri, Train = new() { Crop = 256 } } };
        Assert.Equal(defaults, template);
    }
}

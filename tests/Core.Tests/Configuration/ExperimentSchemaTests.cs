using System.Text.Json.Nodes;
using ChangeDetection.Core.Configuration;
using CsCheck;

namespace ChangeDetection.Core.Tests.Configuration;

public sealed class ExperimentSchemaTests
{
    private static readonly JsonObject s_schema = JsonNode.Parse(ExperimentSchema.Json)!.AsObject();

    /// <summary>Records that a config has as one value, not as a section.</summary>
    private static readonly Type[] s_written = [typeof(Normalization), typeof(ClassWeighting), typeof(MaskRule), typeof(FieldNames), typeof(ValueRescaling)];

    [Fact]
    public void Json_DocumentedExample_IsValid()
    {
        Assert.Null(SchemaCheck.Violation(s_schema, JsonNode.Parse(Texts.DocumentedJson)));
    }

    [Fact]
    public void Json_AnyStoredConfig_IsValid()
    {
        AnyConfig.Valid.Sample(config => SchemaCheck.Violation(s_schema, JsonNode.Parse(ExperimentJson.Serialize(config))) is null, iter: 300);
    }

    [Theory]
    [InlineData("$.train.epochs", "{\"name\":\"x\",\"dataset\":{\"uri\":\"/d\"},\"train\":{\"epochs\":\"50\"}}")]
    [InlineData("$.train.epochs", "{\"name\":\"x\",\"dataset\":{\"uri\":\"/d\"},\"train\":{\"epochs\":0}}")]
    [InlineData("$.train has epoch", "{\"name\":\"x\",\"dataset\":{\"uri\":\"/d\"},\"train\":{\"epoch\":5}}")]
    [InlineData("$ lacks name", "{\"dataset\":{\"uri\":\"/d\"}}")]
    [InlineData("$.model.name", "{\"name\":\"x\",\"dataset\":{\"uri\":\"/d\"},\"model\":{\"name\":\"resnet\"}}")]
    [InlineData("$.name", "{\"name\":\"../x\",\"dataset\":{\"uri\":\"/d\"}}")]
    public void Json_WrongConfig_IsInvalidWhereTheReaderSaysSo(string violation, string json)
    {
        Assert.StartsWith(violation, SchemaCheck.Violation(s_schema, JsonNode.Parse(json)), StringComparison.Ordinal);
        Assert.Throws<ConfigurationException>(() => Texts.ReadJson(json));
    }

    [Fact]
    public void Json_EveryKey_HasADescriptionAndEveryLeafADefaultThatItsOwnRuleTakes()
    {
        var leaves = Leaves(s_schema, "").ToList();

        Assert.Contains(leaves, leaf => leaf.Path == ".checkpoint.metric");
        Assert.All(leaves, leaf =>
        {
            Assert.NotEmpty((string)leaf.Schema["description"]!);
            if (leaf.Path is ".name" or ".dataset.uri" or ".dataset.validate.split" or ".dataset.test.split")
                return;
            Assert.True(leaf.Schema.ContainsKey("default"), leaf.Path);
            Assert.Null(SchemaCheck.Violation(leaf.Schema, leaf.Schema["default"], leaf.Path));
        });
    }

    [Fact]
    public void Json_EveryPropertyOfTheRecords_IsAKey()
    {
        var stored = JsonNode.Parse(ExperimentJson.Serialize(Texts.Read(Texts.Documented)))!;

        Assert.Equal(PropertyCount(typeof(ExperimentConfig)), KeyCount(stored));

        static int PropertyCount(Type record) => record.GetProperties().Where(p => p.Name != "EqualityContract").Sum(p =>
            1 + (p.PropertyType.Namespace == record.Namespace && p.PropertyType.IsClass && !s_written.Contains(p.PropertyType)
                ? PropertyCount(p.PropertyType) : 0));
        static int KeyCount(JsonNode? node) => node is JsonObject section ? section.Sum(p => 1 + KeyCount(p.Value)) : 0;
    }

    private static IEnumerable<(string Path, JsonObject Schema)> Leaves(JsonObject schema, string path)
    {
        var section = schema["properties"] as JsonObject ?? schema["anyOf"]?[0]?["properties"] as JsonObject;
        return section is null
            ? [(path, schema)]
            : section.SelectMany(key => Leaves(key.Value!.AsObject(), $"{path}.{key.Key}"));
    }
}

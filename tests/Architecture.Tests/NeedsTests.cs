using Mono.Cecil;

namespace ChangeDetection.Architecture.Tests;

/// <summary>
/// A test that needs a database, another process, a browser or a storage server says so (<c>[Needs(…)]</c>), so that <c>deploy/test.sh fast</c> can leave it
/// out. Found by what its code refers to, not by its name.
/// </summary>
public sealed class NeedsTests
{
    [Fact]
    public void Tests_ThatNeedMoreThanTheirProcess_SayWhat()
    {
        var code = new TestCode(BuiltAssemblies.Tests);
        var starters = BuiltAssemblies.Src.SelectMany(module => module.GetTypes()).Where(StartsProcesses).Select(type => Outermost(type).FullName).ToHashSet();
        var forgotten = from test in code.Tests
                        let marked = Marks(test.Class, test.Method)
                        from need in code.ReachedFrom(test.Class, test.Method).Select(
                            member => NeedFor(member, starters)).OfType<string>().Distinct().Order(StringComparer.Ordinal)
                        where !marked.Contains(need)
                        select $"{test.Class.FullName}.{test.Method.Name} needs {need}";
        var list = forgotten.ToList();
        Assert.True(list.Count == 0, $"Without the mark [Needs(…)]:\n{string.Join('\n', list)}");
    }

    private static string? NeedFor(MemberReference member, HashSet<string> starters) => member switch
    {
        TypeReference { Namespace: "ChangeDetection.TestKit", Name: "PostgresServer" or "TestDatabase" } => "Database",
        TypeReference { Namespace: "ChangeDetection.TestKit.Objects", Name: "NodeServer" } => "StorageServer",
        TypeReference { Namespace: "Microsoft.Playwright" } => "Browser",
        MethodReference method when IsStart(method) || starters.Contains(method.DeclaringType.FullName) => "Processes",
        _ => null,
    };

    private static bool IsStart(MethodReference method) => method.DeclaringType.FullName == "System.Diagnostics.Process" && method.Name == "Start";

    private static bool StartsProcesses(TypeDefinition type) =>
        type.Methods.Where(method => method.HasBody).SelectMany(method => method.Body.Instructions).Any(
            instruction => instruction.Operand is MethodReference method && IsStart(method));

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    /// <summary>What the method, its class or its assembly is marked with. The attribute's argument is an array of the values of an enum.</summary>
    private static HashSet<string> Marks(TypeDefinition type, MethodDefinition method) =>
    [
        .. from attribute in method.CustomAttributes.Concat(type.CustomAttributes).Concat(type.Module.Assembly.CustomAttributes)
           where attribute.AttributeType.Name == "NeedsAttribute"
           let resource = attribute.AttributeType.Resolve().Module.GetType("ChangeDetection.TestKit.Resource")
           from argument in (CustomAttributeArgument[])attribute.ConstructorArguments[0].Value
           select resource.Fields.Single(field => field.HasConstant && Equals(field.Constant, argument.Value)).Name,
    ];
}

using Mono.Cecil;

namespace ChangeDetection.Architecture.Tests;

/// <summary>The code of our test projects: which tests there are, and what each calls, however many steps away within that code.</summary>
internal sealed class TestCode
{
    private static readonly string[] s_framework = [".ctor", ".cctor", "InitializeAsync", "Dispose", "DisposeAsync"];

    private readonly HashSet<ModuleDefinition> _modules;
    private readonly HashSet<string> _names;
    private readonly Dictionary<string, MethodDefinition> _methods;

    public TestCode(IEnumerable<ModuleDefinition> modules)
    {
        _modules = [.. modules];
        _names = [.. _modules.Select(module => module.Assembly.Name.Name)];
        _methods = _modules.SelectMany(module => module.GetTypes()).SelectMany(type => type.Methods).Where(method => method.HasBody)
            .GroupBy(Key).ToDictionary(group => group.Key, group => group.First());
    }

    /// <summary>Every test, with the class that it runs in: its own, or one derived from that.</summary>
    public IEnumerable<(TypeDefinition Class, MethodDefinition Method)> Tests =>
        from type in _modules.SelectMany(module => module.GetTypes())
        where !type.IsAbstract
        from method in WithBases(type).SelectMany(one => one.Methods)
        where method.CustomAttributes.Any(one => one.AttributeType.Name is "FactAttribute" or "TheoryAttribute")
        select (type, method);

    /// <summary>
    /// All members and types that a test refers to, by way of our test code alone: what its class and fixtures do to begin and to end counts too.
    /// </summary>
    public IReadOnlyCollection<MemberReference> ReachedFrom(TypeDefinition type, MethodDefinition test)
    {
        var reached = new Dictionary<string, MemberReference>();
        var queue = new Queue<MethodDefinition>();
        var seen = new HashSet<MethodDefinition>();
        foreach (var method in Around(type).Append(test))
            Visit(method);
        while (queue.TryDequeue(out var method))
        {
            foreach (var called in Operands(method))
            {
                reached.TryAdd(called.FullName, called);
                if (called.DeclaringType is { } declaring)
                    reached.TryAdd(declaring.FullName, declaring);
                if (called is MethodReference reference && Find(reference) is { } next)
                    Visit(next);
            }
        }
        return reached.Values;

        void Visit(MethodDefinition next)
        {
            if (seen.Add(next))
                queue.Enqueue(next);
        }
    }

    /// <summary>
    /// What the framework calls around a test, and what a base class calls in it: constructors, overrides, and those of its fixtures, which may do
    /// anything.
    /// </summary>
    private IEnumerable<MethodDefinition> Around(TypeDefinition type)
    {
        var types = WithBases(type).ToList();
        var fixtures = types.SelectMany(one => one.Methods).Where(method => method.IsConstructor)
            .SelectMany(method => method.Parameters).Select(parameter => parameter.ParameterType)
            .Concat(types.SelectMany(one => one.Interfaces).Select(one => one.InterfaceType)
                .OfType<GenericInstanceType>().SelectMany(one => one.GenericArguments));
        return types.Concat(fixtures.Select(Find).OfType<TypeDefinition>()).SelectMany(one => one.Methods)
            .Where(method => method.HasBody && (s_framework.Contains(method.Name) || (method.IsVirtual && !method.IsNewSlot)));
    }

    private IEnumerable<TypeDefinition> WithBases(TypeDefinition? type)
    {
        for (; type is not null && _modules.Contains(type.Module); type = type.BaseType?.Resolve())
            yield return type;
    }

    /// <summary>What a method refers to; one that awaits or yields has its code in a state machine.</summary>
    private IEnumerable<MemberReference> Operands(MethodDefinition method)
    {
        var machine = method.CustomAttributes.Where(
            one => one.AttributeType.Name is "AsyncStateMachineAttribute" or "IteratorStateMachineAttribute" or "AsyncIteratorStateMachineAttribute")
            .Select(one => ((TypeReference)one.ConstructorArguments[0].Value).Resolve()).FirstOrDefault();
        return new[] { method }.Concat(machine?.Methods.Where(one => one.HasBody) ?? [])
            .SelectMany(one => one.Body.Instructions).Select(instruction => instruction.Operand).OfType<MemberReference>()
            .Concat(method.Parameters.Select(parameter => parameter.ParameterType));
    }

    private MethodDefinition? Find(MethodReference method) =>
        _names.Contains(Home(method.DeclaringType)) ? _methods.GetValueOrDefault(Key(method.Resolve() ?? method)) : null;

    private TypeDefinition? Find(TypeReference type) => _names.Contains(Home(type))
        ? _modules.Select(module => module.GetType(type.GetElementType().FullName)).FirstOrDefault(found => found is not null) : null;

    private static string Key(MethodReference method) => method.FullName;

    /// <summary>The assembly that a type comes from.</summary>
    private static string Home(TypeReference type) => type.GetElementType().Scope switch
    {
        ModuleDefinition module => module.Assembly.Name.Name,
        AssemblyNameReference assembly => assembly.Name,
        _ => "",
    };
}

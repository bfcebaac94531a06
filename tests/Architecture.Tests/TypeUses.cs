using Mono.Cecil;
using Mono.Cecil.Cil;

namespace ChangeDetection.Architecture.Tests;

/// <summary>What a type refers to: bases, members' types, attributes, and everything its method bodies name.</summary>
internal static class TypeUses
{
    /// <summary>Types that <paramref name="type"/>, with all that is nested in it, refers to; outermost types, each once.</summary>
    public static IReadOnlyCollection<TypeReference> Of(TypeDefinition type)
    {
        var found = new Dictionary<string, TypeReference>(StringComparer.Ordinal);
        foreach (var reference in All(type))
        {
            if (Outermost(reference) is { } outer)
                found.TryAdd(outer.FullName, outer);
        }
        found.Remove(type.FullName);
        return found.Values;
    }

    private static IEnumerable<TypeReference?> All(TypeDefinition type)
    {
        yield return type.BaseType;
        foreach (var one in type.Interfaces.Select(implemented => implemented.InterfaceType)
            .Concat(type.CustomAttributes.Select(attribute => attribute.AttributeType)))
            yield return one;
        foreach (var field in type.Fields)
            yield return field.FieldType;
        foreach (var method in type.Methods)
        {
            yield return method.ReturnType;
            foreach (var parameter in method.Parameters)
                yield return parameter.ParameterType;
            foreach (var used in method.HasBody ? Body(method.Body) : [])
                yield return used;
        }
        foreach (var used in type.NestedTypes.SelectMany(All))
            yield return used;
    }

    private static IEnumerable<TypeReference?> Body(MethodBody body)
    {
        foreach (var variable in body.Variables)
            yield return variable.VariableType;
        foreach (var handler in body.ExceptionHandlers)
            yield return handler.CatchType;
        foreach (var instruction in body.Instructions)
        {
            switch (instruction.Operand)
            {
                case TypeReference type:
                    yield return type;
                    break;
                case MethodReference method:
                    yield return method.DeclaringType;
                    foreach (var argument in method is GenericInstanceMethod { GenericArguments: var arguments }
                        ? [.. arguments] : Array.Empty<TypeReference>())
                        yield return argument;
                    break;
                case FieldReference field:
                    yield return field.DeclaringType;
                    break;
            }
        }
    }

    private static TypeReference? Outermost(TypeReference? reference)
    {
        while (reference is TypeSpecification { ElementType: var element } and not GenericInstanceType)
            reference = element;
        if (reference is GenericInstanceType generic)
            reference = generic.ElementType;
        while (reference is { DeclaringType: { } outer })
            reference = outer;
        return reference is null or GenericParameter ? null : reference;
    }
}

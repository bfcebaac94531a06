using System.Reflection;

namespace ChangeDetection.Core.Configuration;

/// <summary>
/// The static properties of type <typeparamref name="T"/> that are marked with <see cref="ImplementsAttribute"/>, by the names they are marked with.
/// Core's lists say which names there are, and cannot say what is behind them, which may need TorchSharp: each file says that of itself.
/// </summary>
/// <typeparam name="T">A type of the assembly that is searched, for one kind of thing alone.</typeparam>
public sealed class Implementations<T> where T : class
{
    private readonly ILookup<string, (T Value, string Place)> _marked =
        (from type in typeof(T).Assembly.GetTypes()
         from property in type.GetProperties(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
         where property.PropertyType == typeof(T)
         from mark in property.GetCustomAttributes<ImplementsAttribute>()
         select (mark.Name, Value: (T)property.GetValue(null)!, Place: $"{type.Name}.{property.Name}"))
        .ToLookup(marked => marked.Name, marked => (marked.Value, marked.Place), StringComparer.Ordinal);

    /// <summary>In alphabetical order.</summary>
    public IReadOnlyList<string> Names => [.. _marked.Select(marked => marked.Key).Order(StringComparer.Ordinal)];

    /// <exception cref="InvalidOperationException">No property is marked with this name, or more than one.</exception>
    public T this[string name] => _marked[name].ToList() switch
    {
        [var only] => only.Value,
        [] => throw new InvalidOperationException(
            $"Nothing implements '{name}': no static property of type {typeof(T).Name} is marked with [Implements(\"{name}\")]. "
            + "Mark one in the file that is to implement it."),
        var several => throw new InvalidOperationException(
            $"'{name}' is implemented by {string.Join(" and ", several.Select(one => one.Place))}: "
            + $"take [Implements(\"{name}\")] off all but one."),
    };
}

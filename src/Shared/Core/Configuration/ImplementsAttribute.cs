namespace ChangeDetection.Core.Configuration;

/// <summary>
/// Marks a static property that holds what a name of a config stands for: <c>[Implements("tversky")]</c> on a loss's factory.
/// <see cref="Implementations{T}"/> finds it by the property's type, so that no list names the file. Of several names, one mark each.
/// </summary>
/// <param name="name">As the list of names in Core has it, such as <see cref="LossNames"/>.</param>
[AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
public sealed class ImplementsAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

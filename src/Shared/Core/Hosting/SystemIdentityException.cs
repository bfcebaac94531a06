namespace ChangeDetection.Core.Hosting;

/// <summary>
/// A data folder, a database and a store do not belong to one system, or a part of it is missing or was copied without the rest; the message says which
/// and what to do. Nothing was started and nothing was changed. Every program ends with exit code 2.
/// </summary>
public sealed class SystemIdentityException(string message, Exception? inner = null) : Exception(message, inner);

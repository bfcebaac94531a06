namespace ChangeDetection.Core.Hosting;

/// <summary>A setting of a process is wrong or missing; the message says which, and what to do. Every program ends with exit code 2.</summary>
public sealed class SettingsException(string message, Exception? inner = null) : Exception(message, inner);

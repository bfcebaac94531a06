using Microsoft.Extensions.Configuration;

namespace ChangeDetection.Core.Hosting;

/// <summary>Reads a section of settings into a record.</summary>
public static class SettingsSection
{
    /// <exception cref="SettingsException">A value is none of its kind; the message names the variable.</exception>
    public static T Read<T>(IConfiguration configuration, string section) where T : new()
    {
        try
        {
            return configuration.GetSection(section).Get<T>() ?? new T();
        }
        catch (InvalidOperationException wrong)
        {
            // The binder's message names the key, and its cause the value.
            throw new SettingsException(
                $"CHANGEDETECTION_{section.ToUpperInvariant()}__…: {wrong.Message.TrimEnd('.')} Write times like 00:00:30 (hours, minutes, seconds).", wrong);
        }
    }
}

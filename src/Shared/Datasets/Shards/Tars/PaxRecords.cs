using System.Globalization;
using System.Text;

namespace ChangeDetection.Datasets.Shards.Tars;

/// <summary>The records of an extended header (POSIX pax): <c>LENGTH KEY=VALUE\n</c>, the length counting all of it.</summary>
internal static class PaxRecords
{
    /// <returns>The member's path and size, each null where the header leaves it to the next one; false where a record is none.</returns>
    public static bool TryRead(ReadOnlySpan<byte> data, out string? path, out long? size)
    {
        (path, size) = (null, null);
        while (!data.IsEmpty)
        {
            var blank = data.IndexOf((byte)' ');
            if (blank <= 0 || !int.TryParse(data[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= blank + 1 || length > data.Length || data[length - 1] != '\n')
                return false;
            var record = data[(blank + 1)..(length - 1)];
            var sign = record.IndexOf((byte)'=');
            if (sign <= 0)
                return false;
            var value = record[(sign + 1)..];
            if (record[..sign].SequenceEqual("path"u8))
                path = Encoding.UTF8.GetString(value);
            else if (record[..sign].SequenceEqual("size"u8))
            {
                if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var declared))
                    return false;
                size = declared;
            }
            data = data[length..];
        }
        return true;
    }
}

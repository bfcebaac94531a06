using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChangeDetection.Core.Hosting;
using ChangeDetection.Dashboard.Settings;

namespace ChangeDetection.Dashboard.Security;

/// <summary>The dashboard's certificate, read again when its files are renewed. A renewal that is half written leaves the old one in use.</summary>
internal sealed class OwnCertificate
{
    private readonly Lock _lock = new();
    private readonly TlsFiles _files;
    private SslStreamCertificateContext _current;
    private (DateTime, DateTime) _written;

    /// <exception cref="SettingsException">The files hold no certificate with its key.</exception>
    public OwnCertificate(TlsFiles files)
    {
        _files = files;
        _written = Written();
        try
        {
            _current = Load();
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw new SettingsException(
                $"The certificate '{files.Certificate}' with the key '{files.Key}' cannot be used: {error.Message} "
                + "Both are PEM files, the certificate first in its file and then its chain, the key without a password.", error);
        }
    }

    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_lock)
            {
                var written = Written();
                if (written == _written)
                    return _current;
                try
                {
                    _current = Load();
                    _written = written;
                }
                catch (Exception error) when (IsUnreadable(error))
                {
                    // Tried again at the next connection.
                }
                return _current;
            }
        }
    }

    private (DateTime, DateTime) Written() => (File.GetLastWriteTimeUtc(_files.Certificate), File.GetLastWriteTimeUtc(_files.Key));

    private SslStreamCertificateContext Load()
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(_files.Certificate);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(_files.Certificate, _files.Key), chain, offline: true);
    }

    private static bool IsUnreadable(Exception error) => error is IOException or UnauthorizedAccessException or CryptographicException;
}

// Signs and pushes a shipment: `dotnet run push.cs shipment.json`. .NET 10 or later, nothing else.
// CROSSDOCK_URL is what `crossdock webhook show-url` prints, CROSSDOCK_WEBHOOK_SECRET what the operator gives you.
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

const int Tries = 5;
var url = Environment.GetEnvironmentVariable("CROSSDOCK_URL")!;
var secret = Environment.GetEnvironmentVariable("CROSSDOCK_WEBHOOK_SECRET")!;
var shipment = await File.ReadAllTextAsync(args[0]);
Console.WriteLine(await Push(url, secret, shipment));

// Push until it is taken; every try has the same id, so that it counts once.
static async Task<string> Push(string url, string secret, string shipment)
{
    using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
    var body = Encoding.UTF8.GetBytes(
        $"{{\"type\":\"shipment.updated\",\"timestamp\":\"{DateTimeOffset.UtcNow:O}\",\"data\":{shipment}}}");
    var id = $"msg_{Guid.NewGuid():N}";
    for (var attempt = 0; attempt < Tries; attempt++)
    {
        try
        {
            using var answer = await client.SendAsync(Signed(url, secret, id, body));
            var told = await answer.Content.ReadAsStringAsync();
            if (answer.IsSuccessStatusCode) return told;
            var status = (int)answer.StatusCode;
            if (status != 429 && status < 500) throw new InvalidOperationException($"refused with {status}: {told}");
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            // No answer: whether it arrived is not known, so it is sent again.
        }
        await Task.Delay(TimeSpan.FromSeconds(Math.Pow(2, attempt)));
    }
    throw new InvalidOperationException("not taken: push it again later, with the same id");
}

// The request, with the time of this try.
static HttpRequestMessage Signed(string url, string secret, string id, byte[] body)
{
    var encoded = secret.StartsWith("whsec_") ? secret["whsec_".Length..] : secret;
    var key = Convert.FromBase64String(encoded.PadRight((encoded.Length + 3) / 4 * 4, '='));
    var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString();
    byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
    var signature = Convert.ToBase64String(HMACSHA256.HashData(key, signed));
    var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
    request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
    request.Headers.Add("webhook-id", id);
    request.Headers.Add("webhook-timestamp", timestamp);
    request.Headers.Add("webhook-signature", $"v1,{signature}");
    return request;
}

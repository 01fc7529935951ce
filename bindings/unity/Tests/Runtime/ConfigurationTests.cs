using NUnit.Framework;

namespace Rendercast.Streaming.Tests
{
    /// <summary>In the user's own editor: the native library is there, and takes what the inspector shows.</summary>
    public sealed class ConfigurationTests
    {
        [Test]
        public void NativeLibraryIsThereAndOfThisVersion()
        {
            Assert.IsNull(Library.Problem, Library.Problem);
        }

        [Test]
        public void DefaultsAreAccepted()
        {
            using (var streamer = new Streamer(new StreamingConfiguration().ToJson()))
            {
                Assert.AreNotEqual(0u, streamer.Handle);
            }
        }

        [Test]
        public void WrongValueIsNamedWithItsRange()
        {
            var configuration = new StreamingConfiguration { fps = 0 };
            var error = Assert.Throws<RendercastException>(() => new Streamer(configuration.ToJson()));
            Assert.AreEqual(Status.InvalidConfig, error.Status);
            StringAssert.Contains("video.fps = 0 is outside 1 to 240", error.Message);
        }
    }
}

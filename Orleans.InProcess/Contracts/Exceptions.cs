namespace Orleans.Runtime
{
    /// <summary>A failure of the engine, as opposed to one of the application.</summary>
    [GenerateSerializer]
    public class OrleansException : Exception
    {
        /// <summary>A failure of no particular kind.</summary>
        public OrleansException()
            : base("Unexpected error.")
        {
        }

        /// <summary>A failure that <paramref name="message"/> explains.</summary>
        public OrleansException(string message)
            : base(message)
        {
        }

        /// <summary>A failure that <paramref name="message"/> explains and <paramref name="innerException"/> caused.</summary>
        public OrleansException(string message, Exception? innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The engine would not take a call.</summary>
    [GenerateSerializer]
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message)
            : base(message)
        {
        }

        internal OrleansMessageRejectionException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The process that should have answered stops or has stopped. Whether the call took effect is not known.</summary>
    [GenerateSerializer]
    public sealed class SiloUnavailableException : OrleansMessageRejectionException
    {
        /// <summary>With a general message.</summary>
        public SiloUnavailableException()
            : base("The silo is unavailable.")
        {
        }

        /// <summary>With a message.</summary>
        public SiloUnavailableException(string msg)
            : base(msg)
        {
        }

        /// <summary>With a message and a cause.</summary>
        public SiloUnavailableException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The host was put together wrongly.</summary>
    [GenerateSerializer]
    public sealed class OrleansConfigurationException : Exception
    {
        /// <summary>With a message.</summary>
        public OrleansConfigurationException(string message)
            : base(message)
        {
        }

        /// <summary>With a message and a cause.</summary>
        public OrleansConfigurationException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }
}

namespace Orleans.Serialization
{
    /// <summary>A value could not cross a call.</summary>
    [GenerateSerializer]
    public class SerializerException : Exception
    {
        /// <summary>Without a message.</summary>
        public SerializerException()
        {
        }

        /// <summary>With a message.</summary>
        public SerializerException(string message)
            : base(message)
        {
        }

        /// <summary>With a message and a cause.</summary>
        public SerializerException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>A value's type has no <see cref="GenerateSerializerAttribute"/> and is none that crosses calls without it.</summary>
    [GenerateSerializer]
    public sealed class CodecNotFoundException(string message) : SerializerException(message);
}

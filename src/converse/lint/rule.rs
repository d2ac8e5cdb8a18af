/// Declares the rules, each with what is wrong with a request that breaks it and how Bedrock refuses that.
macro_rules! rules {
    ($($(#[$meta:meta])* $variant:ident: $problem:literal, $refusal:literal;)+) => {
        /// A rule that Bedrock holds a conversation to, and answers 400 to a request that breaks it.
        ///
        /// Each names its source: the API reference, or a thread that reports the reply of the real service.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$meta])* $variant,)+
        }

        impl Rule {
            /// All rules that this version knows.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// What is wrong with a request that breaks the rule.
            pub fn problem(self) -> &'static str {
                match self {
                    $(Self::$variant => $problem,)+
                }
            }

            /// How Bedrock refuses such a request, in short. Its own words, where a source has them; an ellipsis
            /// stands for what depends on the request.
            pub fn refusal(self) -> &'static str {
                match self {
                    $(Self::$variant => $refusal,)+
                }
            }
        }
    };
}

rules! {
    /// A text has to say something: it may not be empty, nor nothing but white space where its message has no other
    /// text. Beside other text, white space was accepted; within a tool's result any text is.
    ///
    /// Fixable: the block is left out.
    ///
    /// Source: [hermes-agent#55092](https://github.com/NousResearch/hermes-agent/issues/55092), measured for messages
    /// and for results; [hermes-agent#63983](https://github.com/NousResearch/hermes-agent/pull/63983) for white space;
    /// [SystemContentBlock](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_SystemContentBlock.html).
    BlankText: "the text is blank", "The text field in the ContentBlock object at ... is blank";

    /// A message has content.
    ///
    /// Fixable where there are other messages: it is left out, and the turns around it that are of one role become one.
    ///
    /// Source: [pi#3443](https://github.com/earendil-works/pi/pull/3443).
    EmptyContent: "the message has no content", "The content field in the Message object at ... is empty";

    /// There are messages. Only a prompt of Prompt management brings its own, and with one neither `system` nor
    /// `inferenceConfig`, `toolConfig` or `additionalModelRequestFields` may be set: a request that has one of these and
    /// no messages is wrong for every model.
    ///
    /// Not fixable.
    ///
    /// Source: [Converse](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html), `modelId`.
    NoMessages: "there are no messages", "ValidationException";

    /// The beginning of an answer, which the model is to continue, does not end in white space.
    ///
    /// Anthropic's models hold it. Fixable: the white space is cut off.
    ///
    /// Source: [langchain-aws#599](https://github.com/langchain-ai/langchain-aws/pull/599).
    TrailingWhitespace: "the last turn is the model's and ends in white space",
        "final assistant content cannot end with trailing whitespace";

    /// Every tool that the model asks for is answered in the next turn of the user. What the service runs itself,
    /// `server_tool_use`, needs no answer.
    ///
    /// Fixable: an answer that came a message late is moved; where there is none, one of status `error` says that the
    /// tool was not run.
    ///
    /// Source: [camel#3954](https://github.com/camel-ai/camel/issues/3954);
    /// [timothy#33](https://github.com/timothy-agent/timothy/pull/33) for answers spread over messages.
    UnansweredToolUse: "the next turn of the user does not answer this tool use",
        "Expected toolResult blocks at ... for the following Ids: ...";

    /// A tool's result answers a tool use of the turn before, or of its own turn where the service runs the tool.
    ///
    /// Fixable: it is left out.
    ///
    /// Source: [harness-sdk#1435](https://github.com/strands-agents/harness-sdk/issues/1435).
    UnrequestedToolResult: "no tool use of the turn before has this id",
        "The number of toolResult blocks at ... exceeds the number of toolUse blocks of previous turn";

    /// The tool uses of a message differ in their ids, and so do its results.
    ///
    /// Fixable: a tool use and the result in its place get an id of their own; a result too many is left out.
    ///
    /// Source: [litellm#20048](https://github.com/BerriAI/litellm/issues/20048).
    DuplicateToolUseId: "an earlier block of the message has this id",
        "The toolResult blocks at ... contain duplicate Ids: ...";

    /// A tool use's id is 1 to 64 of `a-z A-Z 0-9 _ . : -`.
    ///
    /// Fixable: it is renamed wherever it stands, and stays different from all others.
    ///
    /// Source: [ToolUseBlock](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html).
    ToolUseId: "the id is not 1 to 64 of a-z A-Z 0-9 _ . : -",
        "Value at '...' failed to satisfy constraint: Member must satisfy regular expression pattern";

    /// A tool's name is 1 to 64 of `a-z A-Z 0-9 _ -`. Models make up others, and history keeps them.
    ///
    /// Fixable, but for tools that run inside the service: it is renamed wherever it stands, and stays different from all
    /// others. The model then asks for the tool by its new name.
    ///
    /// Source: [opencode#48750](https://github.com/anomalyco/opencode/pull/48750), measured;
    /// [ToolSpecification](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html).
    ToolName: "the name is not 1 to 64 of a-z A-Z 0-9 _ -",
        "Value at '...' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+";

    /// A tool's description says something, or is left out.
    ///
    /// Fixable: it is left out.
    ///
    /// Source: [opencode#48582](https://github.com/anomalyco/opencode/pull/48582), measured;
    /// [ToolSpecification](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolSpecification.html).
    EmptyToolDescription: "the description is empty",
        "Member must have length greater than or equal to 1";

    /// A conversation that holds tool uses or results has a `toolConfig`, even where no tool is to be used any more.
    ///
    /// Not fixable: which tools the model may use is the caller's to say.
    ///
    /// Source: [vxcontrol/pentagi#196](https://github.com/vxcontrol/pentagi/pull/196).
    ToolConfigMissing: "the conversation holds tool uses or results, but the request has no toolConfig",
        "The toolConfig field must be defined when using toolUse and toolResult content blocks";

    /// A `toolConfig` has a tool.
    ///
    /// Fixable where the conversation holds no tool uses or results: it is left out.
    ///
    /// Source: [ToolConfiguration](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html).
    NoTools: "the list of tools is empty", "Member must have length greater than or equal to 1";

    /// What a tool is given is a JSON object. What a model wrote that is no JSON is kept as text.
    ///
    /// Fixable: a text that is an object in JSON becomes that object; anything else is put into one, as `value`.
    ///
    /// Source: [vercel/ai#19023](https://github.com/vercel/ai/pull/19023).
    InputNotObject: "the input is not a JSON object",
        "The format of the value at ... is invalid. Provide a json object for the field";

    /// The `json` of a tool's result is an object.
    ///
    /// Fixable: the value is put into one, as `value`.
    ///
    /// Source: [aichat#1550](https://github.com/sigoden/aichat/pull/1550).
    JsonNotObject: "the json is not a JSON object",
        "The format of the value at ... is invalid. Provide a json object for the field";

    /// A result of status `error` has content.
    ///
    /// Fixable: it says that the tool failed.
    ///
    /// Source: [sample-multi-agent-orchestration-chat-on-agentcore#15](https://github.com/aws-samples/sample-multi-agent-orchestration-chat-on-agentcore/issues/15).
    EmptyErrorResult: "the result of status error has no content",
        "The content field at ... cannot be empty when status value is error";

    /// A cache point stands beside a tool's result, not in it. One report has an Anthropic model take it nevertheless, as
    /// one of five minutes; the reference does not have it.
    ///
    /// Fixable: it is moved behind the result.
    ///
    /// Source: [langchain-aws#500](https://github.com/langchain-ai/langchain-aws/issues/500), and against it
    /// [Portkey-AI/gateway#1762](https://github.com/Portkey-AI/gateway/issues/1762);
    /// [ToolResultContentBlock](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultContentBlock.html).
    CachePointInToolResult: "a cache point stands inside a tool result", "ValidationException";

    /// No cache point is kept longer than one before it, in the order tools, system, messages.
    ///
    /// Fixable: the later one is kept no longer than the earlier.
    ///
    /// Source: [Portkey-AI/gateway#1762](https://github.com/Portkey-AI/gateway/issues/1762);
    /// [Prompt caching](https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html).
    CacheTtlOrder: "an earlier cache point has a shorter ttl",
        "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block";

    /// A document's name is 1 to 200 ASCII letters, digits, hyphens, parentheses, square brackets, underscores and single
    /// spaces. Underscores are accepted though the reference leaves them out; tabs and U+3000 are not.
    ///
    /// Fixable: other characters are replaced.
    ///
    /// Source: [generative-ai-use-cases#1671](https://github.com/aws-samples/generative-ai-use-cases/issues/1671), measured;
    /// [DocumentBlock](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html).
    DocumentName: "the name is not 1 to 200 letters, digits, single spaces, hyphens, underscores and brackets",
        "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, \
         and square brackets";

    /// The documents of a conversation differ in their names.
    ///
    /// Fixable: the later one gets a number.
    ///
    /// Source: [bifrost#7003](https://github.com/maximhq/bifrost/issues/7003).
    DuplicateDocumentName: "an earlier document has this name", "Messages can't contain duplicate document names";

    /// A message with a document has text, too.
    ///
    /// Not fixable: what to say is the caller's.
    ///
    /// Source: [Message](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Message.html), `content`.
    DocumentWithoutText: "the message has a document and no text", "ValidationException";

    /// The format of a JPEG image is `jpeg`.
    ///
    /// Fixable: `jpg` becomes `jpeg`.
    ///
    /// Source: [ImageBlock](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html).
    ImageFormatJpg: "the image format jpg is spelt jpeg",
        "Value 'jpg' at '...' failed to satisfy constraint: Member must satisfy enum value set";

    /// Reasoning that is sent back has its signature, such as a block that was cut off does not.
    ///
    /// Anthropic's models hold it, and other models do not sign at all. So it is looked for only where the request shows
    /// that its model signs: other reasoning in it is signed or redacted, or `additionalModelRequestFields` asks for
    /// Anthropic's thinking. Fixable: the block is left out.
    ///
    /// Source: [bifrost#6942](https://github.com/maximhq/bifrost/pull/6942).
    UnsignedReasoning: "the reasoning has no signature", "thinking.signature: Field required";

    /// A text that ends the answer is not empty.
    ///
    /// Fixable: it is left out.
    ///
    /// Source: [InferenceConfiguration](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html).
    EmptyStopSequence: "the stop sequence is empty", "Member must have length greater than or equal to 1";

    /// Numbers, lists and labels stay within the limits of the API reference: `temperature` and `topP` from 0 to 1,
    /// `maxTokens` from 1, at most 2500 `stopSequences`, at most 10 `additionalModelResponseFieldPaths` of 1 to 256
    /// characters, 1 to 16 `requestMetadata` of up to 256 characters of a set, an `effort` of at most 16 characters.
    ///
    /// Not fixable.
    ///
    /// Source: [Converse](https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html).
    Limit: "the value is outside the limits of the API reference",
        "1 validation error detected: Value at '...' failed to satisfy constraint";
}
